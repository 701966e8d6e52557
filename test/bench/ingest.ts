/**
 * Bench `ingest`: HTTP NDJSON batches of 500 → stream, against a bare pipelined XADD of the same events, one event per
 * entry, on the same Redis (AOF everysec) in the same run. Rounds alternate, and medians are compared. Budget: 0.60.
 *
 *     node test/bench/ingest.ts
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildApp } from '../../api/app.ts';
import { connect } from '../../engine/redis/connection.ts';
import { openSink } from '../../engine/redis/ingest/ingest.ts';
import { idleParts } from '../support/api.ts';
import { startRedis } from '../support/redis.ts';
import { batchSize, eventTexts } from './ingest-events.ts';
import { median, type BenchResult, type Scale } from './result.ts';

const connections = 6;

export async function benchIngest(scale: Scale): Promise<BenchResult> {
  const { rounds, requests } = scale === 'full' ? { rounds: 5, requests: 240 } : { rounds: 1, requests: 6 };
  const redis = await startRedis({ appendonly: 'yes', appendfsync: 'everysec', 'auto-aof-rewrite-percentage': '0' });
  const control = connect(redis.url, 'bench');
  const sink = openSink(redis.url, { backlogEventsMax: Number.MAX_SAFE_INTEGER });
  const app = await buildApp({ ...idleParts(), sink }, { version: 'bench' });
  try {
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    while (sink.refusal() !== undefined) await sleep(20);
    const texts = Array.from({ length: 40 }, (_, seed) => eventTexts(seed));
    const measured: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      await control.flushall();
      const bare = await bareXadd(redis.url, texts, requests);
      await control.flushall();
      const http = await overHttp(port, requests);
      if (round === 0) continue; // warm-up
      floor.push(bare);
      measured.push(http);
    }
    const ours = median(measured);
    const bare = median(floor);
    return {
      name: 'ingest',
      what: `HTTP NDJSON batches of ${batchSize} to the stream, against a bare pipelined XADD of the same events, one per entry`,
      unit: 'events/s',
      ours,
      floor: bare,
      ratio: ours / bare,
      budget: { least: 0.6 },
    };
  } finally {
    await app.close();
    await sink[Symbol.asyncDispose]();
    control.disconnect();
    await redis.stop();
  }
}

/** Events per second of pipelines of 500 XADDs, four in flight. */
async function bareXadd(url: string, texts: readonly string[][], requests: number): Promise<number> {
  const redis = connect(url, 'bench-bare');
  await redis.ping();
  const start = performance.now();
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (sent < requests) {
      const pipeline = redis.pipeline();
      const batch = texts[sent++ % texts.length]!;
      for (const text of batch) pipeline.xadd('bench:{s0}:events', '*', 'p', text);
      await pipeline.exec();
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  const seconds = (performance.now() - start) / 1000;
  redis.disconnect();
  return (requests * batchSize) / seconds;
}

/** Events per second over HTTP, with the client in its own process. */
async function overHttp(port: number, requests: number): Promise<number> {
  const load = new URL('./ingest-load.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [load, String(port), String(connections), String(requests)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const start = performance.now();
  child.stdin.write('go\n');
  const [answer] = (await once(child.stdout, 'data')) as [Buffer];
  const seconds = (performance.now() - start) / 1000;
  if (answer.toString() !== 'done\n') throw new Error('the load process failed');
  return (requests * batchSize) / seconds;
}

if (import.meta.main) console.log(await benchIngest('full'));
