/**
 * Reads what is true of the whole installation for /metrics: backlog and ledger of every shard, outboxes, waiting
 * alerts, memory. (The depths of the SIEM queue and of webhooks are BullMQ's to tell; whoever wires the two adds it.)
 */
import type { Durability, ShardTruth, Truth } from '../../runtime/metering/installation.ts';
import { openWaitingList } from '../forward/waiting.ts';
import { batchOrThrow, queueScript } from '../batch.ts';
import type { Redis } from '../connection.ts';
import { parseInfo, type Info } from '../info.ts';
import { keys } from '../keys.ts';
import { registerScripts } from '../commands.ts';
import { openCensus } from '../correlate/census.ts';

/** Pending entries that one scrape looks at, per shard: more than workers can have in hand. */
const pendingMax = 10_000;

export type TruthReader = () => Promise<Omit<Truth, 'siem' | 'oldestMs' | 'webhooks'>>;

export type TruthOptions = {
  readonly shards: number;
  readonly partitions: number;
  /** Default: the workers' group. */ readonly group?: string;
};

export function openTruth(redis: Redis, { shards, partitions, group = keys.group }: TruthOptions): TruthReader {
  registerScripts(redis, ['ledger']);
  const waiting = openWaitingList(redis);
  const census = openCensus(redis);
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

  return async () => {
    const [ledgers, letters, lengths, counts, held, windowLogs, facts, fsync, time] = await Promise.all([
      batchOrThrow(redis, (commands) => {
        for (const shard of range(shards)) queueScript(commands, 'ledger', [keys.events(shard), keys.stats(shard)], [group, pendingMax]);
      }),
      batchOrThrow(redis, (commands) => {
        for (const shard of range(shards)) commands.xlen(keys.dead(shard));
      }),
      batchOrThrow(redis, (commands) => {
        for (const partition of range(partitions)) commands.hlen(keys.outbox(partition));
      }),
      batchOrThrow(redis, (commands) => {
        for (const partition of range(partitions)) commands.hmget(keys.partitionStats(partition), 'alerts', 'muted', 'capped');
      }),
      waiting.sizes(),
      census(),
      redis.info(),
      // Managed Redis often forbids it.
      redis.config('GET', 'appendfsync').catch(() => []),
      redis.time(),
    ]);
    const info = parseInfo(facts);
    return {
      nowMs: Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000),
      shards: ledgers.map((ledger) => shardOf((ledger as string[]).map(Number))),
      outbox: total(lengths),
      windows: { alerts: sum(counts, 0), muted: sum(counts, 1), capped: sum(counts, 2) },
      held,
      deadLetters: total(letters),
      windowLogs,
      redis: {
        usedBytes: Number(info.get('used_memory') ?? 0),
        maxBytes: Number(info.get('maxmemory') ?? 0),
        durability: durabilityOf(info, (fsync as string[])[1]),
      },
    };
  };
}

const total = (numbers: readonly unknown[]): number => numbers.reduce<number>((sum, one) => sum + Number(one), 0);

function durabilityOf(info: Info, fsync: string | undefined): Durability {
  if (info.get('aof_enabled') !== '1') return 'off';
  return fsync === 'always' || fsync === 'everysec' || fsync === 'no' ? `aof_${fsync}` : 'aof';
}

const sum = (rows: readonly unknown[], column: number): number => total(rows.map((row) => (row as (string | null)[])[column] ?? 0));

function shardOf(ledger: readonly number[]): ShardTruth {
  const [accepted = 0, processed = 0, dead = 0, pendingEvents = 0, unreadEntries = 0, pendingEntries = 0, clockMs = 0] = ledger;
  const [heartbeatMs = 0, heartbeatTookMs = 0] = ledger.slice(7);
  return { accepted, processed, dead, pendingEvents, unreadEntries, pendingEntries, clockMs, heartbeatMs, heartbeatTookMs };
}
