/**
 * Bench `latency`: 2,000 events/s over HTTP to its own `weir up`, on a Redis with AOF everysec. It measures the time from
 * just before a request is written to its socket until its alert is seen in the SIEM queue. 200 requests of ten events a
 * second and 50 alerts a second, half of single events, half of windows (latency-load.ts), in an open loop (pace.ts).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Alert } from '../../engine/core/alert/alert.ts';
import { openAlertStore } from '../../engine/redis/alert/store.ts';
import { connect } from '../../engine/redis/connection.ts';
import { start, until, type Child } from '../support/processes.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { latencyRequest, latencyRules, requestEvents, triggerOf } from './latency-load.ts';
import { paced } from './pace.ts';
import { quantile, type BenchResult, type Scale } from './result.ts';
import { watchSiem } from './siem-watch.ts';

const perSecond = 200;
const patienceMs = 10_000;
/** The load itself is never this late unless the machine stands still. */
const standstillMs = 1000;
const triesMax = 3;

export async function benchLatency(scale: Scale): Promise<BenchResult[]> {
  const { warmUpSeconds, seconds } = scale === 'full' ? { warmUpSeconds: 3, seconds: 20 } : { warmUpSeconds: 0, seconds: 1 };
  const { delays, behindMs } = await undisturbed(() => run(warmUpSeconds * perSecond, seconds * perSecond));
  const late = quantile(behindMs, 0.99).toFixed(1);
  const what = `${perSecond * requestEvents} events/s over HTTP for ${seconds} s, to the alert in the SIEM queue, ${delays.length} alerts; the load itself was ${late} ms late at its p99`;
  const result = (name: string, share: number, most: number): BenchResult => ({
    name: `latency-${name}`,
    what: `${what}: ${name}`,
    unit: 'ms',
    ours: quantile(delays, share),
    floor: undefined,
    ratio: undefined,
    budget: { most },
  });
  return [result('p50', 0.5, 5), result('p99', 0.99, 30)];
}

type Measured = { readonly delays: readonly number[]; readonly behindMs: readonly number[] };

/** Virtual machines stand still for seconds now and then. Such a run says nothing about the engine, so it is repeated, a few times at most. */
async function undisturbed(measured: () => Promise<Measured | 'stood still'>): Promise<Measured> {
  for (let tries = 0; tries < triesMax; tries++) {
    const outcome = await measured();
    if (outcome !== 'stood still') return outcome;
    process.stderr.write(`the load itself stood still for more than ${standstillMs} ms: repeating the run\n`);
  }
  throw new Error(`this machine stood still in ${triesMax} runs in a row`);
}

/** One run on its own Redis and engine. */
async function run(warmUp: number, requests: number): Promise<Measured | 'stood still'> {
  const server = await startRedis({ appendonly: 'yes', appendfsync: 'everysec', 'auto-aof-rewrite-percentage': '0' });
  const engine = startWeir(server);
  try {
    return await measure(await urlOf(engine), server.url, warmUp, requests);
  } finally {
    engine.process.kill('SIGTERM');
    await engine.ended;
    await server.stop();
  }
}

/** `weir up` with default settings, except for its port, its folders, its log level and its Redis. */
function startWeir(server: TestRedis): Child {
  const rules = join(server.directory, 'rules');
  mkdirSync(rules);
  for (const [name, text] of Object.entries(latencyRules)) writeFileSync(join(rules, name), text);
  const main = fileURLToPath(new URL('../../engine/cli/main.ts', import.meta.url));
  const env = {
    PATH: process.env['PATH'],
    REDIS_URL: server.url,
    WEIR_RULES: rules,
    WEIR_DATA: join(server.directory, 'data'),
    WEIR_PORT: '0',
    WEIR_LOG_LEVEL: 'warn',
  };
  return start(process.execPath, [...nodeOptions(), main, 'up'], { env, cwd: server.directory });
}

const nodeOptions = (): string[] => ['--disable-warning=ExperimentalWarning', ...(process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? [])];

async function urlOf(engine: Child): Promise<string> {
  const listening = /listening on (http:\S+)/;
  await until(() => {
    if (engine.process.exitCode !== null) throw new Error(`weir up ended:\n${engine.stderr()}`);
    return listening.test(engine.stderr());
  });
  return listening.exec(engine.stderr())![1]!;
}

/** The delay of each alert whose request was sent after the warm-up, ms, and how late each request was sent. */
async function measure(url: string, redisUrl: string, warmUp: number, requests: number): Promise<Measured | 'stood still'> {
  const watch = watchSiem(redisUrl);
  const sentAt = new Map<string, number>();
  let due = 0;
  let triggers: readonly string[] = [];
  const { refused, behindMs } = await paced(
    `${url}/v1/events`,
    { count: warmUp + requests, perSecond },
    (n) => {
      const request = latencyRequest(n, Date.now());
      triggers = request.triggers;
      return request.body;
    },
    (n, at) => {
      due += triggers.length;
      if (n >= warmUp) for (const id of triggers) sentAt.set(id, at);
    },
  );
  const patience = performance.now() + patienceMs;
  while (watch.seen.size < due && performance.now() < patience) await sleep(20);
  await watch.stop();
  if (Math.max(...behindMs) > standstillMs) return 'stood still';
  if (refused.length > 0) throw new Error(`${refused.length} requests were not accepted, the first: ${refused[0]}`);
  if (watch.seen.size !== due) throw new Error(`${watch.seen.size} alerts in the SIEM queue of ${due} that were due`);
  return { delays: delaysOf(await alertsOf(redisUrl, [...watch.seen.keys()]), watch.seen, sentAt), behindMs };
}

async function alertsOf(redisUrl: string, ids: readonly string[]): Promise<Alert[]> {
  const redis = connect(redisUrl, 'bench');
  const found = await openAlertStore(redis).getMany(ids);
  redis.disconnect();
  return found.filter((alert) => alert !== undefined);
}

function delaysOf(alerts: readonly Alert[], seen: ReadonlyMap<string, number>, sentAt: ReadonlyMap<string, number>): number[] {
  return alerts.flatMap((alert) => {
    const sent = sentAt.get(triggerOf(alert));
    return sent === undefined ? [] : [seen.get(alert.id)! - sent];
  });
}

if (import.meta.main) console.log(await benchLatency('full'));
