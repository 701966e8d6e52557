/** What a real Redis says when it answers but refuses to work, state by state, and that it is noticed without traffic. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { keys } from '../../engine/redis/keys.ts';
import { connect, type Redis } from '../../engine/redis/connection.ts';
import { watchRefusals } from '../../engine/redis/refusal-watch.ts';
import { until } from '../support/processes.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

async function watched(settings: Record<string, string> = {}) {
  const server = await startRedis(settings);
  const redis = connect(server.url, 'test');
  redis.on('error', () => undefined);
  const changes: (string | undefined)[] = [];
  let refusals = 0;
  const onRefused = (): void => void (refusals += 1);
  const watch = watchRefusals(server.url, { everyMs: 20, onRefused, onChange: (now) => changes.push(now?.code) });
  onTestFinished(async () => {
    watch[Symbol.dispose]();
    redis.disconnect();
    await server.stop();
  });
  return { server, redis, watch, changes, refusals: () => refusals };
}

type State = {
  readonly enter: (redis: Redis, server: TestRedis) => Promise<unknown>;
  readonly leave: (redis: Redis, server: TestRedis) => Promise<unknown>;
};

const elsewhere = ['127.0.0.1', '1'] as const;

const states: Readonly<Record<string, State>> = {
  NOREPLICAS: {
    enter: (redis) => redis.config('SET', 'min-replicas-to-write', '1'),
    leave: (redis) => redis.config('SET', 'min-replicas-to-write', '0'),
  },
  OOM: {
    enter: (redis) => redis.config('SET', 'maxmemory', '1'),
    leave: (redis) => redis.config('SET', 'maxmemory', '0'),
  },
  READONLY: {
    enter: (redis) => redis.replicaof(...elsewhere),
    leave: (redis) => redis.replicaof('NO', 'ONE'),
  },
  MASTERDOWN: {
    async enter(redis) {
      await redis.config('SET', 'replica-serve-stale-data', 'no');
      await redis.replicaof(...elsewhere);
    },
    leave: (redis) => redis.replicaof('NO', 'ONE'),
  },
  MISCONF: {
    async enter(redis, { directory }) {
      // What is saved cannot be moved over a folder.
      mkdirSync(join(directory, 'taken.rdb'));
      await redis.config('SET', 'save', '900 1');
      await redis.bgsave();
    },
    leave: (redis) => redis.config('SET', 'stop-writes-on-bgsave-error', 'no'),
  },
  NOPERM: {
    enter: (redis) => redis.acl('SETUSER', 'default', '-evalsha'),
    leave: (redis) => redis.acl('SETUSER', 'default', '+@all'),
  },
  BUSY: {
    async enter(redis) {
      await redis.config('SET', 'lua-time-limit', '1');
      redis.eval('while true do end', 0).catch(() => undefined);
    },
    async leave(_redis, { url }) {
      const other = connect(url, 'other', { enableReadyCheck: false });
      await other.script('KILL');
      other.disconnect();
    },
  },
};

it.each(Object.entries(states))('%s is noticed without traffic, once, and so is its end', async (code, { enter, leave }) => {
  const { server, redis, watch, changes, refusals } = await watched({ dbfilename: 'taken.rdb' });
  await enter(redis, server);
  await until(() => refusals() > 2);
  expect(changes).toEqual([code]);
  expect(watch.refusing()).toMatchObject({ code, text: expect.stringMatching(new RegExp(`^${code} .*[^\\d]$`)) });
  await leave(redis, server);
  await until(() => watch.refusing() === undefined);
  expect(changes).toEqual([code, undefined]);
});

it('CLUSTERDOWN of a cluster without its slots', async () => {
  const { watch } = await watched({ 'cluster-enabled': 'yes' });
  await until(() => watch.refusing() !== undefined);
  expect(watch.refusing()?.code).toBe('CLUSTERDOWN');
});

it('LOADING after a restart, during which the connections of the engine are not ready', async () => {
  const { server, redis, watch, changes } = await watched({
    appendonly: 'yes',
    'key-load-delay': '2000',
    'loading-process-events-interval-bytes': '1024',
  });
  const chain = redis.pipeline();
  for (let i = 0; i < 200; i++) chain.set(`k${i}`, 'x'.repeat(2000));
  await chain.exec();
  await redis.bgrewriteaof();
  await until(async () => /aof_rewrite_in_progress:0[^]*aof_last_bgrewrite_status:ok/.test(await redis.info('persistence')));
  await server.kill();
  const started = server.start();
  await until(() => changes.includes('LOADING'));
  expect(redis.status).not.toBe('ready');
  await started;
  await until(() => watch.refusing() === undefined);
});

it('a password that was changed, by the connection that it closes', async () => {
  const { redis, watch, changes } = await watched();
  await redis.config('SET', 'requirepass', 'new');
  await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await until(() => watch.refusing()?.code === 'NOAUTH');
  await redis.config('SET', 'requirepass', '');
  await until(() => watch.refusing() === undefined);
  expect(changes).toEqual(['NOAUTH', undefined]);
});

it('leaves nothing in Redis', async () => {
  const { redis } = await watched();
  const calls = async (): Promise<boolean> => (await redis.info('commandstats')).includes('cmdstat_setrange');
  await until(calls);
  expect(await redis.exists(keys.writeCheck)).toBe(0);
  expect(await redis.dbsize()).toBe(0);
});
