/**
 * A whole engine for a test: real `weir` processes on a private Redis and a private port, with their own rules. Tests never
 * wait for a fixed time: they wait until the ledger shows that everything is processed.
 *
 *     await using engine = await startEngine({ rules });
 *     await engine.start('api'); await engine.start('worker');
 *     await engine.send(events); await engine.quiet(); await engine.leaseAll();
 */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Alert } from '../../engine/core/alert/alert.ts';
import { idOfPlace } from '../../engine/core/alert/query.ts';
import { noDatasets } from './datasets.ts';
import { unpack } from '../../engine/core/decode/unpack.ts';
import { openAlertStore } from '../../engine/redis/alert/store.ts';
import { connect, type Redis } from '../../engine/redis/connection.ts';
import { keys } from '../../engine/redis/keys.ts';
import { parseId } from '../../engine/redis/decode/streams.ts';
import { openInstallationReader } from '../../engine/redis/metering/installation.ts';
import { start as startProcess, until, type Child } from './processes.ts';
import { startRedis, type TestRedis } from './redis.ts';

export const shards = 4;
export const partitions = 16;

export type RawEvent = { readonly [key: string]: unknown };

export type EngineOptions = {
  /** Rule documents, by file name. */
  readonly rules: Readonly<Record<string, string>>;
  readonly redis?: Record<string, string>;
  readonly env?: Record<string, string>;
  /** The program to run. Default: `weir` with short timeouts and faults (impatient.ts). */
  readonly program?: string;
};

/** The shipped command line. */
export const shippedProgram = fileURLToPath(new URL('../../engine/cli/main.ts', import.meta.url));

export type Ledger = { readonly accepted: number; readonly processed: number; readonly dead: number; readonly pending: number };

export type TestEngine = AsyncDisposable & {
  readonly server: TestRedis;
  /** For inspection; it survives outages. */
  readonly redis: Redis;
  readonly rulesPath: string;
  readonly env: Record<string, string>;
  /** Address of the API that was started last. */
  readonly url: () => string;
  /** Starts a process and waits until it is running. */
  start(command: 'api' | 'worker' | 'up', env?: Record<string, string>): Promise<Child>;
  /** Kills with SIGKILL and waits for the end. */
  kill(child: Child): Promise<void>;
  /** Kills all processes. */
  stopAll(): Promise<void>;
  /** Sends one request. @returns undefined when there was no answer */
  post(events: readonly RawEvent[]): Promise<{ status: number; retryAfter: string | null; body: { accepted?: number } } | undefined>;
  /** Sends again until the events are accepted. */
  send(events: readonly RawEvent[]): Promise<void>;
  ledger(): Promise<Ledger>;
  /** Waits until everything accepted is processed, counted and forwarded, and no review is waiting. */
  quiet(): Promise<Ledger>;
  /** Takes all alerts out of the SIEM queue. */
  leaseAll(): Promise<Alert[]>;
  /** All alerts in the store. */
  alerts(): Promise<Alert[]>;
  /** Ids of all events in the streams. */
  streamed(): Promise<Set<string>>;
};

const impatientProgram = fileURLToPath(new URL('impatient.ts', import.meta.url));

export async function startEngine({
  rules,
  redis: settings = {},
  env = {},
  program = impatientProgram,
}: EngineOptions): Promise<TestEngine> {
  const server = await startRedis(settings);
  const redis = connect(server.url, 'test');
  redis.on('error', () => undefined);
  const rulesPath = join(server.directory, 'rules');
  mkdirSync(rulesPath);
  for (const [name, text] of Object.entries(rules)) writeFileSync(join(rulesPath, name), text);
  const children = new Set<Child>();
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    REDIS_URL: server.url,
    WEIR_RULES: rulesPath,
    WEIR_DATA: join(server.directory, 'data'),
    WEIR_PORT: '0',
    WEIR_SHARDS: String(shards),
    WEIR_PARTITIONS: String(partitions),
    WEIR_LATENESS: '2s',
    // Tests would count its entries, too.
    WEIR_HEARTBEAT: '0s',
    ...env,
  };
  const readInstallation = openInstallationReader(redis, { shards, partitions });
  const store = openAlertStore(redis);
  let url = '';

  async function start(command: 'api' | 'worker' | 'up', more: Record<string, string> = {}): Promise<Child> {
    const child = startProcess(process.execPath, ['--disable-warning=ExperimentalWarning', program, command], {
      env: { ...environment, ...more },
      cwd: server.directory,
    });
    children.add(child);
    void child.ended.then(() => children.delete(child));
    const listening = /listening on (http:\S+)/;
    await until(() => {
      if (child.process.exitCode !== null) throw new Error(`weir ${command} ended:\n${child.stderr()}`);
      return command === 'worker' ? child.stderr().includes('running') : listening.test(child.stderr());
    });
    if (command !== 'worker') url = listening.exec(child.stderr())![1]!;
    return child;
  }

  async function kill(child: Child): Promise<void> {
    if (child.process.exitCode !== null || child.process.signalCode !== null) return;
    const gone = once(child.process, 'exit');
    child.process.kill('SIGKILL');
    await gone;
  }

  async function post(events: readonly RawEvent[]) {
    try {
      const answer = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: events.map((event) => JSON.stringify(event)).join('\n'),
        signal: AbortSignal.timeout(20_000),
      });
      return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: (await answer.json()) as { accepted?: number } };
    } catch {
      return undefined;
    }
  }

  async function ledger(): Promise<Ledger> {
    const found = (await readInstallation()).shards;
    const sum = (of: 'accepted' | 'processed' | 'dead' | 'pendingEvents'): number => found.reduce((total, shard) => total + shard[of], 0);
    return { accepted: sum('accepted'), processed: sum('processed'), dead: sum('dead'), pending: sum('pendingEvents') };
  }

  async function isQuiet(): Promise<boolean> {
    const found = await readInstallation();
    if (found.outbox > 0 || found.shards.some((shard) => shard.pendingEvents > 0)) return false;
    for (let partition = 0; partition < partitions; partition++) if ((await redis.zcard(keys.reviews(partition))) > 0) return false;
    return (await readInstallation()).outbox === 0;
  }

  /** Repeats a request until it is answered: a busy disk can make Redis silent for a while. */
  async function call<T>(path: string, body?: object): Promise<T> {
    const json = { 'content-type': 'application/json' };
    for (;;) {
      const answer = await fetch(url + path, body === undefined ? {} : { method: 'POST', headers: json, body: JSON.stringify(body) });
      if (answer.ok) return (await answer.json()) as T;
      if (answer.status !== 503) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      await sleep(100);
    }
  }

  return {
    server,
    redis,
    rulesPath,
    env: environment,
    url: () => url,
    start,
    kill,
    stopAll: async () => void (await Promise.all([...children].map(kill))),
    post,
    async send(events) {
      while ((await post(events))?.status !== 202) await sleep(50);
    },
    ledger,
    async quiet() {
      await until(async () => isQuiet().catch(() => false));
      return ledger();
    },
    async leaseAll() {
      const taken: Alert[] = [];
      for (;;) {
        const { leases } = await call<{ leases: { lease: string; alert: Alert }[] }>('/v1/siem/lease', { max: 500, seconds: 120 });
        taken.push(...leases.map((lease) => lease.alert));
        if (leases.length > 0) await call('/v1/siem/ack', { leases: leases.map((lease) => lease.lease) });
        else if ((await call<{ leased: number }>('/v1/siem')).leased === 0) return taken;
        else await sleep(100);
      }
    },
    async alerts() {
      const ids = await redis.zrange(keys.alertIndex, '0', '-1');
      const found = await store.getMany(ids.map(idOfPlace));
      return found.filter((alert) => alert !== undefined);
    },
    async streamed() {
      const ids = new Set<string>();
      for (let shard = 0; shard < shards; shard++) {
        for (const [id, fields] of await redis.xrange(keys.events(shard), '-', '+')) {
          const { located } = unpack(fields[fields.indexOf('p') + 1]!, { shard, ...parseId(id) }, noDatasets);
          for (const { event } of located) ids.add(event.id);
        }
      }
      return ids;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...children].map(kill));
      redis.disconnect();
      await server.stop();
    },
  };
}
