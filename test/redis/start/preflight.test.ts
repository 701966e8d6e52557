/** Every kind of Redis that Weir must not rely on: a real one where this machine's server can be set up so, otherwise its INFO. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exitCodes, WeirError } from '../../../engine/errors.ts';
import { checkInfo, type Finding } from '../../../engine/redis/start/checks.ts';
import { parseInfo } from '../../../engine/redis/info.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { dataFormat } from '../../../engine/redis/start/layout-claim.ts';
import { inspect, place, preflight } from '../../../engine/redis/start/preflight.ts';
import { freePort } from '../../support/free-port.ts';
import { start, until } from '../../support/processes.ts';
import { startRedis, use, type TestRedis } from '../../support/redis.ts';

const servers: TestRedis[] = [];
afterAll(async () => {
  for (const running of servers) await running.stop();
});
async function server(options: Record<string, string> = {}): Promise<TestRedis> {
  const started = await startRedis({ appendonly: 'yes', maxmemory: '100mb', ...options });
  servers.push(started);
  return started;
}

const meta = { partitions: 64, shards: 4 };
const said: string[] = [];
const look = (url: string, numbers = meta, waitMs = 0): Promise<Finding[]> => preflight(url, numbers, (line) => said.push(line), waitMs);

async function refused(url: string, numbers = meta): Promise<WeirError> {
  const error: unknown = await look(url, numbers).catch((reason: unknown) => reason);
  if (!(error instanceof WeirError)) throw new Error(`refused it was not: ${JSON.stringify(error)}`);
  expect(error.exitCode).toBe(exitCodes.configuration);
  return error;
}

const levels = (findings: readonly Finding[]): Record<string, string> =>
  Object.fromEntries(findings.map((finding) => [finding.check, finding.level]));

describe('a suitable Redis', () => {
  it('passes, and keeps the layout it was set up with', async () => {
    const { url } = await server();
    expect(levels(await look(url))).toEqual({ version: 'ok', policy: 'ok', memory: 'ok', aof: 'ok' });
    expect(await use(url, (redis) => redis.hgetall(keys.layout))).toEqual({ partitions: '64', shards: '4', format: String(dataFormat) });
    await look(url);
    const error = await refused(url, { partitions: 128, shards: 8 });
    expect(error.message).toContain('64 partitions and not 128, 4 shards and not 8');
    expect(error.hint).toContain('WEIR_PARTITIONS=64 WEIR_SHARDS=4');
  });

  it('gives the same layout to several processes that set it up at the same time', async () => {
    const { url } = await server();
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => look(url, { partitions: 64 + (i % 2), shards: 4 })));
    const won = Number(await use(url, (redis) => redis.hget(keys.layout, 'partitions')));
    expect(outcomes.map((outcome) => outcome.status)).toEqual(outcomes.map((_, i) => (64 + (i % 2) === won ? 'fulfilled' : 'rejected')));
  });

  it('is refused if its data has another format', async () => {
    const { url } = await server();
    await use(url, (redis) => redis.hset(keys.layout, { partitions: 64, shards: 4, format: 99 }));
    expect((await refused(url)).message).toContain(`format 99; this Weir reads format ${dataFormat}`);
  });
});

describe('an unsuitable Redis', () => {
  it('has an evicting policy', async () => {
    const { url } = await server({ 'maxmemory-policy': 'allkeys-lru' });
    const error = await refused(url);
    expect(error.message).toContain('maxmemory-policy is allkeys-lru');
    expect(error.hint).toContain('CONFIG SET maxmemory-policy noeviction');
  });

  it('has no append-only file, or no memory limit: warnings', async () => {
    const { url } = await server({ appendonly: 'no', maxmemory: '0' });
    const findings = await look(url);
    expect(levels(findings)).toMatchObject({ aof: 'warn', memory: 'warn' });
    expect(findings.filter((finding) => finding.level === 'warn').every((finding) => finding.remedy.includes('CONFIG SET'))).toBe(true);
  });

  it('gets a missing or wrong password; the right one passes', async () => {
    const port = await freePort();
    const { url } = await server({ port: String(port) });
    await use(url, (redis) => redis.config('SET', 'requirepass', 'good:p@ss'));
    expect((await refused(url)).message).toContain('asks for a password');
    expect((await refused(`redis://127.0.0.1:${port}`)).hint).toContain('redis://:PASSWORD@');
    expect((await refused(`redis://:bad@127.0.0.1:${port}`)).message).toContain('does not accept the user or password');
    expect(levels(await look(`redis://:good%3Ap%40ss@127.0.0.1:${port}`))).toMatchObject({ version: 'ok' });
  });

  it('a database that it does not have', async () => {
    const port = await freePort();
    await server({ port: String(port), databases: '16' });
    for (const database of ['/16', '/99', '?db=16', '/999999999']) {
      const error = await refused(`redis://127.0.0.1:${port}${database}`);
      expect(error.message).toBe(
        `the Redis at 127.0.0.1:${port} cannot be used: it has no database of the number at the end of REDIS_URL.`,
      );
      expect(error.hint).toContain('CONFIG GET databases');
      expect(await inspect(`redis://127.0.0.1:${port}${database}`)).toMatchObject([{ check: 'redis', level: 'fail', remedy: error.hint }]);
    }
    expect(await use(`redis://127.0.0.1:${port}`, (redis) => redis.dbsize())).toBe(0);
    await look(`redis://127.0.0.1:${port}/15`);
    expect(await use(`redis://127.0.0.1:${port}/15`, (redis) => redis.exists(keys.layout))).toBe(1);
    expect(await use(`redis://127.0.0.1:${port}`, (redis) => redis.dbsize())).toBe(0);
  });

  it('a replica', async () => {
    const replica = await server({ replicaof: '127.0.0.1 1' });
    const error = await refused(replica.url);
    expect(error.message).toContain('a replica');
    expect(error.hint).toContain('127.0.0.1:1');
  });

  it('is in cluster mode', async () => {
    const { url } = await server({ 'cluster-enabled': 'yes', port: String(await freePort()), 'cluster-port': String(await freePort()) });
    expect((await refused(url)).hint).toContain('cluster-enabled no');
  });

  it('gives its user too few permissions', async () => {
    const { url } = await server();
    await use(url, (redis) => redis.call('ACL', 'SETUSER', 'default', '-eval'));
    const error = await refused(url);
    expect(error.message).toContain('may not do what Weir needs');
    expect(error.hint).toContain('ACL SETUSER');
  });

  it('is full, after it was set up: it passes, so that workers can drain it', async () => {
    const { url } = await server();
    await look(url);
    await use(url, (redis) => redis.config('SET', 'maxmemory', '1'));
    expect(levels(await look(url))).toMatchObject({ memory: 'warn' });
  });

  it('is full before it was set up', async () => {
    const { url } = await server({ maxmemory: '1' });
    expect((await refused(url)).message).toContain('is full');
  });

  it('cannot save and refuses writes', async () => {
    const { url, directory } = await server({ appendonly: 'no', save: '3600 1' });
    await use(url, async (redis) => {
      await redis.set('k', 'v');
      // A folder in place of the file makes the save fail.
      mkdirSync(join(directory, 'dump.rdb', 'x'), { recursive: true });
      await redis.bgsave();
      await until(async () => parseInfo(await redis.info('persistence')).get('rdb_last_bgsave_status') === 'err');
    });
    expect((await refused(url)).message).toContain('cannot save to its disk');
  });

  it('is not there', async () => {
    const error = await refused('unix:///tmp/weir-no-such.sock');
    expect(error.message).toContain('there is no such socket');
    expect((await refused('redis://127.0.0.1:1')).message).toContain('the Redis at 127.0.0.1:1 cannot be used: nothing listens there');
    expect((await refused('redis://user:secret@no-such-host.invalid')).message).not.toContain('secret');
  });

  it('is no Redis at all', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'weir-no-redis-'));
    const path = join(folder, 's');
    const http = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(path);
    try {
      await expect(look(`unix://${path}`)).rejects.toBeInstanceOf(WeirError);
    } finally {
      http.close();
      rmSync(folder, { recursive: true });
    }
  });
});

it('waits for a Redis that is loading, and for one that is not there yet', async () => {
  const first = await server();
  await use(first.url, (redis) => redis.mset(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key:${i}`, 'value'.repeat(20)]))));
  await use(first.url, (redis) => redis.bgrewriteaof());
  await use(first.url, (redis) => until(async () => parseInfo(await redis.info('persistence')).get('aof_rewrite_in_progress') === '0'));
  await first.kill();
  const looking = look(first.url, meta, 60_000);
  const slow = start('redis-server', [
    '--port',
    '0',
    '--unixsocket',
    first.url.slice('unix://'.length),
    '--dir',
    first.directory,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--key-load-delay',
    '1500',
    '--loading-process-events-interval-bytes',
    '1024',
    '--maxmemory',
    '100mb',
  ]);
  try {
    expect(levels(await looking)).toMatchObject({ version: 'ok' });
    expect(said.some((line) => /loading its data: \d+ %/.test(line))).toBe(true);
  } finally {
    slow.process.kill('SIGKILL');
    await slow.ended;
  }
});

describe('checked by its INFO', () => {
  const good = {
    redis_version: '7.0.15',
    redis_mode: 'standalone',
    role: 'master',
    maxmemory: '1000',
    used_memory: '1',
    maxmemory_policy: 'noeviction',
    aof_enabled: '1',
  };
  const judged = (fields: Record<string, string>): Finding[] =>
    checkInfo(
      parseInfo(
        Object.entries({ ...good, ...fields })
          .map(([name, value]) => `${name}:${value}\r\n`)
          .join(''),
      ),
    );

  it.each([
    ['version', { redis_version: '5.0.14' }, 'Redis 5.0.14; Weir needs 6.2'],
    ['version', { redis_version: '6.0.16' }, 'Redis 6.0.16'],
    ['version', { redis_version: '' }, 'Weir needs 6.2'],
    ['mode', { redis_mode: 'sentinel' }, 'Sentinel'],
    ['mode', { redis_mode: 'cluster' }, 'cluster mode'],
    ['role', { role: 'slave', master_host: 'db1', master_port: '6379' }, 'replica'],
    ['policy', { maxmemory_policy: 'volatile-lru' }, 'volatile-lru'],
  ])('%s: %j is refused, with a remedy', (check, fields, message) => {
    const found = judged(fields).find((finding) => finding.level === 'fail');
    expect(found).toMatchObject({ check, message: expect.stringContaining(message) as string });
    expect(found!.remedy).not.toBe('');
  });

  it('Valkey is recognised by its own version', () => {
    expect(judged({ redis_version: '7.2.4', valkey_version: '8.1.1' })[0]).toEqual({
      check: 'version',
      level: 'ok',
      message: 'Valkey 8.1.1',
      remedy: '',
    });
  });

  it.each([
    ['aof', { aof_enabled: '0' }],
    ['aof', { aof_last_write_status: 'err' }],
    ['memory', { maxmemory: '0' }],
    ['memory', { used_memory: '900' }],
  ])('%s: %j is a warning', (check, fields) => {
    expect(judged(fields).filter((finding) => finding.level !== 'ok')).toEqual([expect.objectContaining({ check, level: 'warn' })]);
  });
});

it('the address is shown without its secrets', () => {
  expect(place('rediss://user:secret@db.internal/3')).toBe('db.internal:6379');
  expect(place('unix:///run/redis.sock')).toBe('unix:///run/redis.sock');
});
