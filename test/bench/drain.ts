/**
 * Bench `drain`: stream → windows → ack by one worker, on a Redis with AOF everysec, against a bare loop that only reads,
 * JSON-parses and acknowledges the same events, one event per entry. Both drain a stream that was filled before. Rounds
 * alternate, and medians are compared. Budgets: 0.50 with one window update per event, 0.35 with three. A replay of such
 * events (replay.ts) is part of each round, because drain is its floor.
 */
import { performance } from 'node:perf_hooks';
import { noDatasets } from '../support/datasets.ts';
import { envelope } from '../../engine/core/ingest/envelope.ts';
import { packer } from '../../engine/core/ingest/pack.ts';
import { profiler } from '../../engine/core/correlate/log-profile.ts';
import { limits } from '../../engine/core/limits.ts';
import { connect, type Redis } from '../../engine/redis/connection.ts';
import { redisEvidence } from '../../engine/redis/alert/evidence.ts';
import { openOutbox } from '../../engine/redis/forward/outbox.ts';
import { packTexts } from '../../engine/redis/alert/pack-texts.ts';
import { redisStreams } from '../../engine/redis/decode/streams.ts';
import { redisWindowStore } from '../../engine/redis/correlate/window-store.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import { pipeline } from '../../engine/runtime/pipeline/pipeline.ts';
import { worker } from '../../engine/runtime/pipeline/worker.ts';
import { addPack } from '../support/packs.ts';
import { startRedis } from '../support/redis.ts';
import { drainRules, drainTexts } from './drain-load.ts';
import { openReplay } from './replay.ts';
import { median, type BenchResult, type Scale } from './result.ts';

const scales = {
  full: { events: 300_000, replayEvents: 1_000_000, rounds: 7 },
  smoke: { events: 3000, replayEvents: 9000, rounds: 1 },
} as const;
const requestEvents = 500;
const shards = limits.shards;

export async function benchDrain(scale: Scale): Promise<BenchResult[]> {
  const { events, replayEvents, rounds } = scales[scale];
  const replay = await openReplay(replayEvents);
  const server = await startRedis({ appendonly: 'yes', appendfsync: 'everysec', 'auto-aof-rewrite-percentage': '0' });
  const redis = connect(server.url, 'bench');
  try {
    const texts = drainTexts(events);
    const floors: number[] = [];
    const ours: Record<1 | 3, number[]> = { 1: [], 3: [] };
    const replays: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await redis.flushall();
      floors.push(await bareLoop(redis, server.url, texts));
      for (const updates of [1, 3] as const) {
        await redis.flushall();
        ours[updates].push(await drained(redis, server.url, texts, updates));
      }
      replays.push(await replay.rate());
    }
    const replayWhat = 'a file of JSON lines to alerts in memory, 1 window update per event, against drain-1';
    return [
      against('drain-1', 'one worker, 1 window update per event, against read + parse + ack', ours[1], floors, 0.5),
      against('drain-3', 'one worker, 3 window updates per event, against read + parse + ack', ours[3], floors, 0.35),
      against('replay', replayWhat, replays, ours[1], 2),
    ];
  } finally {
    await replay.close();
    redis.disconnect();
    await server.stop();
  }
}

function against(name: string, what: string, rates: readonly number[], floors: readonly number[], least: number): BenchResult {
  const [ours, floor] = [median(rates), median(floors)];
  return { name, what, unit: 'events/s', ours, floor, ratio: ours / floor, budget: { least } };
}

async function bareLoop(redis: Redis, url: string, texts: readonly string[]): Promise<number> {
  const stream = 'bench:{s0}:bare';
  for (let i = 0; i < texts.length; i += 1000) {
    const commands = redis.pipeline();
    for (const text of texts.slice(i, i + 1000)) commands.xadd(stream, '*', 'p', text);
    await commands.exec();
  }
  await redis.xgroup('CREATE', stream, 'bare', '0');
  const reader = connect(url, 'bench-bare');
  await reader.ping();
  const started = performance.now();
  let done = 0;
  const read = () => reader.xreadgroup('GROUP', 'bare', 'one', 'COUNT', 1000, 'STREAMS', stream, '>');
  let next = read();
  while (done < texts.length) {
    const answer = (await next) as [string, [string, string[]][]][];
    next = read();
    const ids: string[] = [];
    for (const [id, fields] of answer[0]![1]) {
      JSON.parse(fields[1]!);
      ids.push(id);
    }
    done += ids.length;
    await reader.xack(stream, 'bare', ...ids);
  }
  const seconds = (performance.now() - started) / 1000;
  await next;
  reader.disconnect();
  return texts.length / seconds;
}

/** Events per second of one worker, as `weir worker` runs it. */
async function drained(redis: Redis, url: string, lines: readonly string[], updates: 1 | 3): Promise<number> {
  await fill(redis, lines);
  const commands = connect(url, 'bench-worker');
  const blocking = connect(url, 'bench-reader');
  await Promise.all([commands.ping(), blocking.ping()]);
  const ruleset = drainRules(updates);
  const texts = packTexts(() => undefined);
  const profile = profiler({ latenessMs: limits.latenessMs, lagMs: limits.lagMsMax });
  const run = pipeline(ruleset, {
    windows: redisWindowStore({ redis: commands, profile, partitions: limits.partitions, onOutbox: () => undefined }),
    evidence: redisEvidence(commands, () => noDatasets, texts),
    outbox: openOutbox(commands, limits.partitions),
    profile,
    latenessMs: limits.latenessMs,
    meter: silent,
    onRuleFault: (_, fault) => {
      throw fault;
    },
  });
  const streams = redisStreams({
    redis: commands,
    blocking,
    shards,
    consumer: 'bench',
    datasets: () => noDatasets,
    onPack: texts.keep,
    onStateLost: () => undefined,
    onVanished: () => undefined,
  });
  let done = 0;
  const counting = {
    ...streams,
    async settle(settlements: Parameters<typeof streams.settle>[0]) {
      await streams.settle(settlements);
      for (const { delivery } of settlements) done += delivery.events;
      if (done >= lines.length) loop.stop();
    },
  };
  const loop = worker({
    streams: counting,
    pipeline: () => run,
    meter: silent,
    now: Date.now,
    isOutage: () => false,
    onFault: (_, fault) => {
      throw fault;
    },
    blockMs: 50,
  });
  const started = performance.now();
  let finished = 0;
  const watch = setInterval(() => {
    if (finished === 0 && done >= lines.length) finished = performance.now();
  }, 1);
  await loop.run();
  clearInterval(watch);
  const seconds = ((finished === 0 ? performance.now() : finished) - started) / 1000;
  commands.disconnect();
  blocking.disconnect();
  return lines.length / seconds;
}

/** Packs as ingest writes them for requests of 500. */
async function fill(redis: Redis, texts: readonly string[]): Promise<void> {
  for (let i = 0, request = 0; i < texts.length; i += requestEvents, request++) {
    const packs = packer();
    for (const text of texts.slice(i, i + requestEvents)) {
      const given = envelope(
        JSON.parse(text),
        { datasets: noDatasets, receivedMs: Date.now(), futureMsMax: Infinity, dataset: undefined },
        () => 'none',
      );
      if (given.kind === 'rejected') throw new Error(given.detail);
      packs.add(given, text, Buffer.byteLength(text));
    }
    for (const pack of packs.finish()) await addPack(redis, request % shards, pack.text, pack.events);
  }
}

if (import.meta.main) for (const result of await benchDrain('full')) console.log(result);
