/**
 * Reads the state of the whole installation for /metrics: backlog and ledger of every shard, outboxes, waiting alerts,
 * memory. (BullMQ knows the depths of the SIEM queue and of the webhook queues; the caller adds them.)
 */
import { durabilityModes, type Durability, type ShardState, type InstallationState } from '../../runtime/metering/installation.ts';
import { openWaitingList } from '../forward/waiting.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command, script } from '../commands/call.ts';
import type { Redis } from '../connection.ts';
import { memoryOf, parseInfo, type Info } from '../info.ts';
import { keys } from '../keys.ts';
import { openCensus } from '../correlate/census.ts';

/** Pending entries that one scrape checks per shard: more than workers can hold. */
const pendingMax = 10_000;

export type InstallationReader = () => Promise<Omit<InstallationState, 'siem' | 'oldestMs' | 'webhooks'>>;

export type InstallationOptions = {
  readonly shards: number;
  readonly partitions: number;
  /** Default: the workers' group. */ readonly group?: string;
};

export function openInstallationReader(
  nodes: RedisNodes,
  { shards, partitions, group = keys.group }: InstallationOptions,
): InstallationReader {
  const redis = commandsOn(nodes);
  const waiting = openWaitingList(nodes);
  const census = openCensus(nodes);
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const ledgerCalls = range(shards).map((shard) => script('ledger', [keys.events(shard), keys.stats(shard)], [group, pendingMax]));
  const letterCalls = range(shards).map((shard) => command('xlen', keys.dead(shard)));
  const outboxCalls = range(partitions).map((partition) => command('hlen', keys.outbox(partition)));
  const countCalls = range(partitions).map((partition) => command('hmget', keys.partitionStats(partition), 'alerts', 'muted', 'capped'));

  return async () => {
    const [ledgers, letters, lengths, counts, held, windowLogs, states, time] = await Promise.all([
      redis.send<string[]>(ledgerCalls),
      redis.send<number>(letterCalls),
      redis.send<number>(outboxCalls),
      redis.send<(string | null)[]>(countCalls),
      waiting.sizes(),
      census(),
      Promise.all(redis.nodes().map(readNode)),
      redis.anyNode().time(),
    ]);
    return {
      nowMs: Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000),
      shards: ledgers.map((ledger) => shardOf(ledger.map(Number))),
      outbox: total(lengths),
      windows: { alerts: sum(counts, 0), muted: sum(counts, 1), capped: sum(counts, 2) },
      held,
      deadLetters: total(letters),
      windowLogs,
      redis: states.reduce(together),
    };
  };
}

type RedisState = InstallationState['redis'];

async function readNode(node: Redis): Promise<RedisState> {
  // Managed Redis services often forbid CONFIG.
  const [text, fsync] = await Promise.all([node.info(), node.config('GET', 'appendfsync').catch(() => [])]);
  const info = parseInfo(text);
  const { used, max } = memoryOf(info);
  return { usedBytes: used, maxBytes: max, durability: durabilityOf(info, (fsync as string[])[1]) };
}

/** Combines several nodes: the sum of their memory (without a limit if one of them has none) and the weakest durability. */
const together = (a: RedisState, b: RedisState): RedisState => ({
  usedBytes: a.usedBytes + b.usedBytes,
  maxBytes: a.maxBytes === 0 || b.maxBytes === 0 ? 0 : a.maxBytes + b.maxBytes,
  durability: durabilityModes.indexOf(a.durability) > durabilityModes.indexOf(b.durability) ? a.durability : b.durability,
});

function durabilityOf(info: Info, fsync: string | undefined): Durability {
  if (info.get('aof_enabled') !== '1') return 'off';
  return fsync === 'always' || fsync === 'everysec' || fsync === 'no' ? `aof_${fsync}` : 'aof';
}

const total = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

const sum = (rows: readonly (string | null)[][], column: number): number => total(rows.map((row) => Number(row[column] ?? 0)));

function shardOf(ledger: readonly number[]): ShardState {
  const [accepted = 0, processed = 0, dead = 0, pendingEvents = 0, unreadEntries = 0, pendingEntries = 0, clockMs = 0] = ledger;
  const [heartbeatMs = 0, heartbeatTookMs = 0] = ledger.slice(7);
  return { accepted, processed, dead, pendingEvents, unreadEntries, pendingEntries, clockMs, heartbeatMs, heartbeatTookMs };
}
