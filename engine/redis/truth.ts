/**
 * Reads what is true of the whole installation for /metrics: backlog and ledger of every shard, outboxes, waiting
 * alerts, memory. (The depths of the SIEM queue and of webhooks are BullMQ's to tell; whoever wires the two adds it.)
 */
import type { ShardTruth, Truth } from '../runtime/truth.ts';
import { openWaitingList } from './alert-waiting.ts';
import { batchOrThrow, queueScript } from './batch.ts';
import type { Redis } from './connection.ts';
import { parseInfo } from './info.ts';
import { keys } from './keys.ts';
import { registerScripts } from './scripts.ts';

/** Pending entries that one scrape looks at, per shard: more than workers can have in hand. */
const pendingMax = 10_000;

export type TruthReader = () => Promise<Omit<Truth, 'siem' | 'webhooks'>>;

export type TruthOptions = {
  readonly shards: number;
  readonly partitions: number;
  /** Default: the workers' group. */ readonly group?: string;
};

export function openTruth(redis: Redis, { shards, partitions, group = keys.group }: TruthOptions): TruthReader {
  registerScripts(redis, ['ledger']);
  const waiting = openWaitingList(redis);
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

  return async () => {
    const [ledgers, lengths, counts, held, memory, time] = await Promise.all([
      batchOrThrow(redis, (commands) => {
        for (const shard of range(shards)) queueScript(commands, 'ledger', [keys.events(shard), keys.stats(shard)], [group, pendingMax]);
      }),
      batchOrThrow(redis, (commands) => {
        for (const partition of range(partitions)) commands.hlen(keys.outbox(partition));
      }),
      batchOrThrow(redis, (commands) => {
        for (const partition of range(partitions)) commands.hmget(keys.partitionStats(partition), 'alerts', 'muted', 'capped');
      }),
      waiting.sizes(),
      redis.info('memory'),
      redis.time(),
    ]);
    const info = parseInfo(memory);
    return {
      nowMs: Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000),
      shards: ledgers.map((ledger) => shardOf((ledger as string[]).map(Number))),
      outbox: lengths.reduce<number>((sum, length) => sum + Number(length), 0),
      windows: { alerts: sum(counts, 0), muted: sum(counts, 1), capped: sum(counts, 2) },
      held,
      redis: { usedBytes: Number(info.get('used_memory') ?? 0), maxBytes: Number(info.get('maxmemory') ?? 0) },
    };
  };
}

const sum = (rows: readonly unknown[], column: number): number =>
  rows.reduce<number>((total, row) => total + Number((row as (string | null)[])[column] ?? 0), 0);

function shardOf([accepted, processed, dead, pendingEvents, unreadEntries, pendingEntries, clockMs]: readonly number[]): ShardTruth {
  return {
    accepted: accepted ?? 0,
    processed: processed ?? 0,
    dead: dead ?? 0,
    pendingEvents: pendingEvents ?? 0,
    unreadEntries: unreadEntries ?? 0,
    pendingEntries: pendingEntries ?? 0,
    clockMs: clockMs ?? 0,
  };
}
