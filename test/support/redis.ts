/**
 * A real redis-server for one test file, on a socket in its own folder. stop() deletes the folder.
 *
 *     const server = await startRedis();   afterAll(() => server.stop());   connect(server.url, 'test')
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { connect } from '../../engine/redis/connection.ts';

export type TestRedis = {
  readonly url: string;
  readonly directory: string;
  /** Starts it again on the same data, after kill(). */
  start(): Promise<void>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
};

/** @param options extra redis.conf settings, as `{ appendonly: 'yes', appendfsync: 'always' }` */
export async function startRedis(options: Record<string, string> = {}): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-test-'));
  const socket = join(directory, 'redis.sock');
  const settings = {
    port: '0',
    unixsocket: socket,
    dir: directory,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
    ...options,
  };
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = spawn(
      'redis-server',
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      { stdio: 'ignore' },
    );
    const ended = new Promise<never>((_, reject) =>
      child!.once('error', reject).once('exit', () => reject(new Error('redis-server ended before it answered'))),
    );
    ended.catch(() => undefined);
    while (!existsSync(socket) || !(await answers(socket))) await Promise.race([sleep(20), ended]);
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const running = child;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await gone;
  }

  await start();
  return {
    url: `unix://${socket}`,
    directory,
    start,
    kill,
    async stop() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Opens a connection for the duration of `act`. */
export async function use<T>(url: string, act: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = connect(url, 'test');
  redis.on('error', () => undefined);
  try {
    return await act(redis);
  } finally {
    redis.disconnect();
  }
}

async function answers(socket: string): Promise<boolean> {
  const probe = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  probe.on('error', () => undefined);
  try {
    await probe.connect();
    return (await probe.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    probe.disconnect();
  }
}
