/**
 * What a log over its cap may lose although it is young: entries on which no verdict of a count can depend, also with
 * late events. For `count ≥ N` the middle of 2N + 1 entries within one timespan: a window that holds it and misses one
 * of the N before it ends after all N behind it. For distinct values the middle of three sightings of one value within
 * one timespan, by the same argument with N = 1 (should a late event fulfil a window that ended at it, one that ends
 * before is evaluated in its place).
 */
import type { Entry } from '../entry.ts';

/** Among entries of one key, drops each that has `n` kept before it and `n` behind it within one timespan. */
export function dropMiddles(
  entries: readonly Entry[],
  keyOf: (entry: Entry) => number | string,
  n: number,
  timespanMs: number,
): readonly Entry[] {
  const byKey = Map.groupBy(entries, keyOf);
  const dropped = new Set<Entry>();
  for (const same of byKey.values()) {
    const kept: Entry[] = [];
    for (let i = 0; i < same.length; i++) {
      const before = kept[kept.length - n];
      const behind = same[i + n];
      if (before !== undefined && behind !== undefined && behind.time - before.time < timespanMs) dropped.add(same[i]!);
      else kept.push(same[i]!);
    }
  }
  return dropped.size === 0 ? entries : entries.filter((entry) => !dropped.has(entry));
}
