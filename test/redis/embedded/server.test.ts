import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WeirError } from '../../../engine/errors.ts';
import { connect } from '../../../engine/redis/connection.ts';
import { ensureServer, thisSystem } from '../../../engine/redis/embedded/install.ts';
import { startEmbedded, type EmbeddedRedis, type EmbeddedSettings } from '../../../engine/redis/embedded/server.ts';
import { processesWith, until } from '../../support/processes.ts';
import { use } from '../../support/redis.ts';

const said: string[] = [];
const say = (line: string): void => void said.push(line);
const server = await ensureServer(thisSystem(say));
const opened: EmbeddedRedis[] = [];
const folders: string[] = [];

function folder(name = 'data'): string {
  const base = mkdtempSync(join(tmpdir(), 'weir-embedded-'));
  folders.push(base);
  return join(base, name);
}

async function open(dataPath: string, settings: Partial<EmbeddedSettings> = {}): Promise<EmbeddedRedis> {
  const redis = await startEmbedded(server, { dataPath, fsync: 'everysec', maxmemoryBytes: 128 * 1024 * 1024, ...settings }, say);
  opened.push(redis);
  return redis;
}

afterEach(async () => {
  for (const redis of opened.splice(0)) await redis[Symbol.asyncDispose]();
  for (const base of folders.splice(0)) {
    if (processesWith(base).length > 0) throw new Error(`processes are left that use ${base}`);
    rmSync(base, { recursive: true });
  }
  said.length = 0;
});

describe('an embedded Redis', () => {
  it('has the settings that Weir relies on, and is private', async () => {
    const data = folder();
    const { url } = await open(data, { fsync: 'always', maxmemoryBytes: 123_456_789 });
    const config = await use(url, (redis) => redis.config('GET', '*'));
    const settings = new Map<string, string>();
    for (let i = 0; i < config.length; i += 2) settings.set(config[i] as string, config[i + 1] as string);
    expect(
      Object.fromEntries(
        ['port', 'dir', 'appendonly', 'appendfsync', 'save', 'maxmemory', 'maxmemory-policy'].map((name) => [name, settings.get(name)]),
      ),
    ).toEqual({
      port: '0',
      dir: data,
      appendonly: 'yes',
      appendfsync: 'always',
      save: '',
      maxmemory: '123456789',
      'maxmemory-policy': 'noeviction',
    });
    for (const path of [data, join(data, 'redis.sock'), join(data, 'redis.log'), join(data, 'weir.lock')])
      expect(statSync(path).mode & 0o077, path).toBe(0);
  });

  it('keeps its data over a stop, and leaves no process and no lock', async () => {
    const data = folder();
    const first = await open(data);
    await use(first.url, (redis) => redis.set('k', 'v'));
    await first[Symbol.asyncDispose]();
    expect(processesWith(data)).toEqual([]);
    expect(existsSync(join(data, 'weir.lock'))).toBe(false);
    const second = await open(data);
    expect(await use(second.url, (redis) => redis.get('k'))).toBe('v');
    expect(second.restarts()).toBe(0);
  });

  it('may be closed twice, also concurrently', async () => {
    const redis = await open(folder());
    await Promise.all([redis[Symbol.asyncDispose](), redis[Symbol.asyncDispose]()]);
    await redis[Symbol.asyncDispose]();
    expect(redis.restarts()).toBe(0);
  });

  it.each(['with spaces', `it's "quoted"`, 'back\\slash', 'ünïcödé 雨', '-dash', '%s $HOME `id`', 'a\tb'])(
    'runs in a folder named %j',
    async (name) => {
      const data = folder(name);
      const { url } = await open(data);
      await use(url, (redis) => redis.set('k', name));
      expect(existsSync(join(data, 'redis.sock'))).toBe(true);
    },
  );

  it('puts the socket elsewhere when its path is too long, and finds it again', async () => {
    const data = folder(join('d'.repeat(100), 'e'.repeat(100)));
    const first = await open(data);
    expect(first.url).not.toContain('ddd');
    expect(Buffer.byteLength(first.url.slice('unix://'.length))).toBeLessThan(104);
    await use(first.url, (redis) => redis.set('k', 'v'));
    await first[Symbol.asyncDispose]();
    const second = await open(data);
    expect(second.url).toBe(first.url);
    expect(await use(second.url, (redis) => redis.get('k'))).toBe('v');
  });

  it('rotates a large log', async () => {
    const data = folder();
    mkdirSync(data);
    writeFileSync(join(data, 'redis.log'), 'old');
    truncateSync(join(data, 'redis.log'), 9 * 1024 * 1024);
    await open(data);
    expect(readFileSync(join(data, 'redis.log.1'), 'utf8').slice(0, 3)).toBe('old');
    expect(statSync(join(data, 'redis.log')).size).toBeLessThan(1024 * 1024);
  });
});

describe('the folder', () => {
  it('is for one process: a second one is refused, and the error names the first', async () => {
    const data = folder();
    await open(data);
    await expect(open(data)).rejects.toThrow(new RegExp(`another Weir \\(process ${process.pid}\\) already uses the data folder`));
    await expect(open(data)).rejects.toMatchObject({ exitCode: 78, hint: expect.stringContaining('WEIR_DATA') as string });
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, start: 'boot:1', token: 'x' })],
    ['of a process whose id another process has now', JSON.stringify({ pid: process.pid, start: 'boot:1', token: 'x' })],
    ['cut short', '{"pid":'],
    ['empty', ''],
    ['of nonsense', '[null]'],
  ])('is taken over from a lock %s', async (_name, content) => {
    const data = folder();
    mkdirSync(data);
    writeFileSync(join(data, 'weir.lock'), content);
    await open(data);
    await expect(open(data)).rejects.toThrow('another Weir');
  });

  it('is unlocked when the start fails', async () => {
    const data = folder();
    mkdirSync(join(data, 'appendonlydir'), { recursive: true });
    writeFileSync(join(data, 'appendonlydir', 'appendonly.aof.manifest'), 'nonsense\n');
    await expect(open(data)).rejects.toBeInstanceOf(WeirError);
    expect(existsSync(join(data, 'weir.lock'))).toBe(false);
    rmSync(join(data, 'appendonlydir'), { recursive: true });
    await open(data);
  });

  it.each([
    ['another process', () => String(stranger().pid)],
    ['no process', () => '4194305'],
    ['nonsense', () => 'not a number'],
    ['the first process', () => '1'],
  ])('may hold a stale pid file that names %s', async (_name, pid) => {
    const data = folder();
    mkdirSync(data);
    writeFileSync(join(data, 'redis.pid'), pid());
    await open(data);
    expect(strangers.every((child) => child.exitCode === null && child.signalCode === null)).toBe(true);
  });

  it('is refused if it is a file', async () => {
    const data = folder();
    writeFileSync(data, '');
    await expect(open(data)).rejects.toThrow(/a file stands in its way/);
    await expect(open(join(data, 'below'))).rejects.toThrow(/a file stands in its way/);
  });
});

it('restarts when it is killed, on the same socket, with all acknowledged data', async () => {
  const data = folder();
  const embedded = await open(data, { fsync: 'always' });
  const redis = connect(embedded.url, 'test');
  redis.on('error', () => undefined);
  try {
    for (let round = 1; round <= 3; round++) {
      await redis.rpush('acknowledged', round);
      process.kill(Number(readFileSync(join(data, 'redis.pid'), 'utf8')), 'SIGKILL');
      await until(() => embedded.restarts() === round);
      expect(await redis.lrange('acknowledged', 0, -1)).toEqual(Array.from({ length: round }, (_, i) => String(i + 1)));
    }
  } finally {
    redis.disconnect();
  }
  expect(said.filter((line) => line.includes('ended unexpectedly (SIGKILL)'))).toHaveLength(3);
});

it('restarts when its guard is killed: the remaining server is stopped first', async () => {
  const data = folder();
  const embedded = await open(data);
  await use(embedded.url, (redis) => redis.set('k', 'v'));
  const before = readFileSync(join(data, 'redis.pid'), 'utf8');
  for (const pid of processesWith('embedded/guard.sh').filter((id) => processesWith(data).includes(id))) process.kill(pid, 'SIGKILL');
  await until(() => embedded.restarts() === 1);
  expect(readFileSync(join(data, 'redis.pid'), 'utf8')).not.toBe(before);
  expect(await use(embedded.url, (redis) => redis.get('k'))).toBe('v');
});

it('can be closed during a restart', async () => {
  const data = folder();
  const embedded = await open(data);
  process.kill(Number(readFileSync(join(data, 'redis.pid'), 'utf8')), 'SIGKILL');
  await until(() => said.some((line) => line.includes('starting it again')));
  await embedded[Symbol.asyncDispose]();
  expect(processesWith(data)).toEqual([]);
});

it('keeps trying while a restart fails, reports it once, and recovers when the cause is gone', async () => {
  const data = folder();
  const embedded = await open(data, { fsync: 'always' });
  await use(embedded.url, (redis) => redis.set('k', 'v'));
  const manifest = join(data, 'appendonlydir', 'appendonly.aof.manifest');
  const good = readFileSync(manifest);
  writeFileSync(manifest, 'nonsense\n');
  process.kill(Number(readFileSync(join(data, 'redis.pid'), 'utf8')), 'SIGKILL');
  await until(() => readFileSync(join(data, 'redis.log'), 'utf8').split('AOF manifest').length > 3);
  chmodSync(manifest, 0o600);
  writeFileSync(manifest, good);
  await until(() => embedded.restarts() === 1);
  expect(await use(embedded.url, (redis) => redis.get('k'))).toBe('v');
  expect(said.filter((line) => line.includes('did not start'))).toHaveLength(1);
});

const strangers: ReturnType<typeof spawn>[] = [];
function stranger(): ReturnType<typeof spawn> {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  strangers.push(child);
  return child;
}
afterEach(() => {
  for (const child of strangers.splice(0)) child.kill('SIGKILL');
});
