/** Batches that are under way at once keep their order, also when they are the first that this Redis sees. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { command, script, type Call } from '../../engine/redis/commands/call.ts';
import { commandsOn } from '../../engine/redis/commands.ts';
import { scriptNames, scriptOf } from '../../engine/redis/commands/script.ts';
import { connect } from '../../engine/redis/connection.ts';
import { keys } from '../../engine/redis/keys.ts';
import { ownRedis } from '../support/own-redis.ts';
import { until } from '../support/processes.ts';
import { startRedis } from '../support/redis.ts';

const { server, redis } = await ownRedis();

const ingest = (text: string, shard = 0): Call => script('ingest', [keys.events(shard), keys.stats(shard)], [text, 1]);
const packs = async (of = redis): Promise<string[]> =>
  (await of.xrange(keys.events(0), '-', '+')).map(([, fields]) => fields[fields.indexOf('p') + 1]!);

it('on a fresh Redis', async () => {
  for (let round = 0; round < 30; round++) {
    await redis.flushall();
    await redis.script('FLUSH');
    const fresh = connect(server.url, 'fresh');
    await fresh.ping();
    const commands = commandsOn(fresh);
    const batches: Promise<unknown>[] = [];
    for (let i = 0; i < 6; i++) {
      batches.push(commands.send([command('set', 'a', i), ingest(`${i}a`), ingest(`${i}b`)]));
      for (let n = 0; n < round; n++) await turn();
    }
    await Promise.all(batches);
    expect(await packs()).toEqual(Array.from({ length: 6 }, (_, i) => [`${i}a`, `${i}b`]).flat());
    fresh.disconnect();
  }
  expect(await redis.script('EXISTS', ...scriptNames.map((name) => scriptOf(name).sha))).not.toContain(0);
});

it('that waited for Redis, and on one that was restarted meanwhile', async () => {
  const other = await startRedis({ appendonly: 'yes', appendfsync: 'always' });
  const early = connect(other.url, 'early');
  early.on('error', () => undefined);
  onTestFinished(async () => {
    early.disconnect();
    await other.stop();
  });
  const commands = commandsOn(early);
  await Promise.all(['1', '2', '3'].map((text) => commands.send([ingest(text), command('get', 'a')])));
  await other.kill();
  await until(() => early.status !== 'ready');
  const waiting = ['4', '5', '6'].map((text) => commands.send([command('get', 'a'), ingest(text)]));
  await other.start();
  expect(await Promise.all(waiting)).toEqual(waiting.map(() => [null, expect.any(String)]));
  expect(await packs(early)).toEqual(['1', '2', '3', '4', '5', '6']);
});

it('but a connection that only looks loads nothing', async () => {
  await redis.script('FLUSH');
  const looking = connect(server.url, 'looking', { loadScripts: false });
  await looking.ping();
  expect(await looking.script('EXISTS', scriptOf('append').sha)).toEqual([0]);
  looking.disconnect();
});
