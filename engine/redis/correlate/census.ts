/**
 * Estimates the number and memory of window logs, for the metrics: being cheap matters more than being exact.
 *
 * If a node has up to `censusKeysMax` keys of any kind, every log is counted and measured. Beyond that, each census
 * samples `censusSample` random keys, and the last samples are combined: the number is the share of logs times the number
 * of keys, the bytes are that times the mean size of a log. With 2,000 keys sampled, the number is within 4 % nine times
 * out of ten (the error is larger where logs are the smaller part), and the error in bytes grows with the spread of sizes.
 *
 * The scripts that create logs cannot keep count: most logs end by expiring, and that runs no script.
 */
import { limits } from '../../core/limits.ts';
import type { Census } from '../../runtime/metering/installation.ts';
import { commandsOn, type Commands, type RedisNodes } from '../commands.ts';
import { command, keyless } from '../commands/call.ts';
import type { Redis } from '../connection.ts';
import { keys } from '../keys.ts';

/** One sample: the keys sampled, the logs among them, and their bytes. */
type Look = { readonly seen: number; readonly logs: number; readonly bytes: number };

/** Samples that are combined. */
const looksMax = 10;

export function openCensus(nodes: RedisNodes): () => Promise<Census> {
  const redis = commandsOn(nodes);
  /** The last samples of each node. */
  const looksAt = new Map<Redis, readonly Look[]>();

  async function censusOf(node: Redis): Promise<Census> {
    const size = await node.dbsize();
    if (size <= limits.censusKeysMax) {
      looksAt.delete(node);
      return countAll(redis, node);
    }
    const looks = [...(looksAt.get(node) ?? []), await sample(redis, node)].slice(-looksMax);
    looksAt.set(node, looks);
    const sum = (of: keyof Look): number => looks.reduce((total, look) => total + look[of], 0);
    const count = sum('seen') === 0 ? 0 : (size * sum('logs')) / sum('seen');
    return { count: Math.round(count), bytes: sum('logs') === 0 ? 0 : Math.round((count * sum('bytes')) / sum('logs')) };
  }

  return async () => {
    const found = await Promise.all(redis.nodes().map(censusOf));
    return found.reduce((all, one) => ({ count: all.count + one.count, bytes: all.bytes + one.bytes }));
  };
}

async function countAll(redis: Commands, node: Redis): Promise<Census> {
  const logs = new Set<string>();
  let cursor = '0';
  do {
    const [next, found] = await node.scan(cursor, 'COUNT', limits.censusKeysMax);
    for (const key of found) if (keys.isLog(key)) logs.add(key);
    cursor = next;
  } while (cursor !== '0');
  return { count: logs.size, bytes: await bytesOf(redis, node, [...logs]) };
}

async function sample(redis: Commands, node: Redis): Promise<Look> {
  const calls = Array.from({ length: limits.censusSample }, () => keyless('randomkey'));
  const found = await redis.sendTo<string | null>(node, calls);
  const seen = found.filter((key) => key !== null);
  const logs = seen.filter(keys.isLog);
  return { seen: seen.length, logs: logs.length, bytes: await bytesOf(redis, node, logs) };
}

/** A log that has expired meanwhile takes no memory. */
async function bytesOf(redis: Commands, node: Redis, names: readonly string[]): Promise<number> {
  const sizes = await redis.sendTo<number | null>(
    node,
    names.map((name) => command('memory usage', name)),
  );
  return sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
}
