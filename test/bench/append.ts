/**
 * Bench `append`: what an in-order observation costs Redis in a log of 2,000 entries, compared with a log of 2 entries. As
 * in a worker's batch, each call carries one entry for each of many logs. The CPU time of the script is measured by Redis
 * itself (`INFO commandstats`), so that the figure includes neither the client nor the connection.
 *
 * Rounds alternate: each long log gets one more entry, then each of as many short logs gets its third.
 */
import { connect, type Redis } from '../../engine/redis/connection.ts';
import type { LogTarget } from '../../engine/core/correlate/target.ts';
import type { WindowStore } from '../../engine/runtime/correlate/ports.ts';
import { startRedis } from '../support/redis.ts';
import { median, type BenchResult, type Scale } from './result.ts';
import { appendQuietly, entryOf, logsOf, openStore, quietRule } from './window-load.ts';

const longEntries = 2000;
const shortEntries = 2;
/** Entries of one log in one batch while the logs are filled. */
const fillRun = 100;

export async function benchAppend(scale: Scale): Promise<BenchResult> {
  const { logs, rounds } = scale === 'full' ? { logs: 1000, rounds: 40 } : { logs: 20, rounds: 2 };
  const server = await startRedis({ appendonly: 'yes', appendfsync: 'everysec', 'auto-aof-rewrite-percentage': '0' });
  const redis = connect(server.url, 'bench');
  try {
    const store = openStore(redis);
    const rule = quietRule('plain');
    const long = logsOf(rule, logs, 'long-');
    await fill(store, long, longEntries);
    const ours: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const short = logsOf(rule, logs, `short-${round}-`);
      await fill(store, short, shortEntries);
      const one = await microseconds(redis, store, long, longEntries + round);
      const other = await microseconds(redis, store, short, shortEntries);
      if (round === 0) continue; // warm-up
      ours.push(one);
      floor.push(other);
    }
    return {
      name: 'append',
      what: `Redis CPU of one in-order entry to a log of ${longEntries} entries, against one to a log of ${shortEntries}`,
      unit: 'µs',
      ours: median(ours),
      floor: median(floor),
      ratio: median(ours) / median(floor),
      budget: { most: 2 },
    };
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

async function fill(store: WindowStore, targets: readonly LogTarget[], entries: number): Promise<void> {
  for (let n = 0; n < entries; n += fillRun) {
    for (let i = 0; i < targets.length; i += 100) {
      const run = Math.min(fillRun, entries - n);
      const appends = targets.slice(i, i + 100).flatMap((target) => Array.from({ length: run }, (_, k) => entryOf(target, 'plain', n + k)));
      await appendQuietly(store, appends);
    }
  }
}

/** CPU time of the script per log, µs. */
async function microseconds(redis: Redis, store: WindowStore, targets: readonly LogTarget[], n: number): Promise<number> {
  const appends = targets.map((target) => entryOf(target, 'plain', n));
  await redis.config('RESETSTAT');
  await appendQuietly(store, appends);
  const stats = await redis.info('commandstats');
  const spent = /cmdstat_evalsha:calls=\d+,usec=(\d+)/.exec(stats)?.[1];
  if (spent === undefined) throw new Error(`no script was called:\n${stats}`);
  return Number(spent) / targets.length;
}

if (import.meta.main) console.log(await benchAppend('full'));
