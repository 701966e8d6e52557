/**
 * Bench `memory`: what a live window log costs in Redis in total: key, value, the space that Redis reserves for growth,
 * dictionary entries, expiry. Logs of mixed sizes are written as a worker writes them, one entry of a log per batch. The
 * growth of `used_memory` is compared with 220 B per log and 40 B per entry. The result is for logs at rest, after the
 * worker's compactor has visited them; the figure while they all grew is reported next to it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openCompactor } from '../../engine/redis/correlate/compactor.ts';
import { parseInfo } from '../../engine/redis/info.ts';
import { connect, type Redis } from '../../engine/redis/connection.ts';
import { startRedis } from '../support/redis.ts';
import type { BenchResult, Scale } from './result.ts';
import { appendQuietly, entryOf, logsOf, openStore, quietRule, type Kind } from './window-load.ts';

const logBytes = 220;
const entryBytes = 40;
const batchMax = 5000;

export async function benchMemory(scale: Scale): Promise<BenchResult[]> {
  const logs = scale === 'full' ? 100_000 : 500;
  return [await measure('plain', logs), await measure('value', logs)];
}

async function measure(kind: Kind, count: number): Promise<BenchResult> {
  const server = await startRedis();
  const redis = connect(server.url, 'bench');
  try {
    const sizes = Array.from({ length: count }, (_, i) => sizeOf((i + 0.5) / count));
    const entries = sizes.reduce((sum, size) => sum + size, 0);
    const before = await settledMemory(redis, 0);
    await fill(redis, kind, sizes);
    const growing = (await settledMemory(redis, count)) - before;
    const step = openCompactor(redis, { idleSeconds: 0, everyMs: 0 });
    while ((await step())?.round === false);
    const used = (await settledMemory(redis, count)) - before;
    const allowed = logBytes * count + entryBytes * entries;
    const each = {
      entries: (entries / count).toFixed(1),
      used: Math.round(used / count),
      growing: Math.round(growing / count),
      allowed: Math.round(allowed / count),
    };
    return {
      name: `memory-${kind}`,
      what: `${count} logs of ${each.entries} entries on average (half have ${sizeOf(0.5)} or fewer, the longest ${sizes.at(-1)}), ${kind === 'plain' ? 27 : 35} bytes an entry: ${each.used} B a log at rest, ${each.growing} B while they grow, ${each.allowed} B allowed`,
      unit: 'B/log',
      ours: used / count,
      floor: allowed / count,
      ratio: used / allowed,
      budget: { most: 1 },
    };
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

/** Sizes as in real traffic: most groups occur a few times, and few very often. A power law with a mean of about ten. */
function sizeOf(share: number): number {
  return Math.min(2000, Math.floor(2.6 * (1 - share) ** -0.8));
}

/** In each round, every log that is still to grow gets one entry. The names of the logs do not follow their sizes. */
async function fill(redis: Redis, kind: Kind, sizes: readonly number[]): Promise<void> {
  const store = openStore(redis);
  let growing = logsOf(quietRule(kind), sizes.length, 'user-').map((target, i) => ({ target, size: sizes[i]! }));
  for (let n = 0; growing.length > 0; n++) {
    for (let i = 0; i < growing.length; i += batchMax) {
      await appendQuietly(
        store,
        growing.slice(i, i + batchMax).map(({ target }) => entryOf(target, kind, n)),
      );
    }
    growing = growing.filter(({ size }) => size > n + 1);
  }
}

/** `used_memory` when Redis has finished growing its dictionaries: until then it holds two of each. */
async function settledMemory(redis: Redis, keysLeast: number): Promise<number> {
  if ((await redis.dbsize()) < keysLeast) throw new Error('logs are missing');
  let bytes = Infinity;
  for (;;) {
    await sleep(300);
    const now = Number(parseInfo(await redis.info('memory')).get('used_memory'));
    if (now >= bytes - 1024) return now;
    bytes = now;
  }
}

if (import.meta.main) console.log(await benchMemory('full'));
