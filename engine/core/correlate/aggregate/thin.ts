/**
 * The young entries that a log over its cap may lose: those on which no verdict of a count can depend, even with late
 * events. For `count ≥ N` this is the middle one of 2N + 1 entries within one timespan: a window that holds it but not all
 * N before it ends after all N that follow it. For distinct values it is the middle one of three occurrences of a value
 * within one timespan, by the same argument with N = 1 (if a late event would fulfil a window that ended at it, one that
 * ends earlier is evaluated instead).
 */
import type { Entry } from '../entry.ts';

/** Among entries of one key, drops each entry that has `n` kept ones before it and `n` after it within one timespan. */
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
