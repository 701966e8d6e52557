/**
 * What the order of arrival says about a log: which entries came too late for it, and up to which event time it is
 * settled. Both go by the stream ids that every entry carries, so they do not depend on when, by whom or in which
 * batches the entries were appended.
 *
 * - An entry is too late when it lies more than `keepMs` before an entry that *arrived* before it.
 * - Settled is the newest event time among entries that arrived before the arrival clock. What may still be appended
 *   has arrived since (the clock is where every shard has been worked off), so what lies more than `keepMs` before it
 *   cannot be needed again. Measuring from the newest entry instead would be wrong in a backlog: another worker may
 *   still hold older events.
 */
import { arrivedBefore, type Arrival } from './event.ts';
import type { Entry } from './correlate/entry.ts';

/** The entries that came too late; empty for almost every log. */
export function tooLate(journal: readonly Entry[], keepMs: number): ReadonlySet<Entry> {
  let earliest = Infinity;
  let newest = -Infinity;
  for (const { time } of journal) {
    if (time < earliest) earliest = time;
    if (time > newest) newest = time;
  }
  return newest - earliest > keepMs ? sift(journal, keepMs) : none;
}

const none: ReadonlySet<Entry> = new Set();

function sift(journal: readonly Entry[], keepMs: number): ReadonlySet<Entry> {
  const late = new Set<Entry>();
  const arrived = journal.toSorted((a, b) => a.ref.ms - b.ref.ms || a.ref.seq - b.ref.seq);
  let before = -Infinity;
  let newest = -Infinity;
  arrived.forEach((entry, i) => {
    const previous = arrived[i - 1];
    if (previous !== undefined && arrivedBefore(previous.ref, entry.ref)) before = newest;
    if (entry.time < before - keepMs) late.add(entry);
    else if (entry.time > newest) newest = entry.time;
  });
  return late;
}

/** The newest event time that arrived before the clock; -Infinity when nothing did. */
export function settledTime(entries: readonly Entry[], clock: Arrival): number {
  for (let i = entries.length - 1; i >= 0; i--) {
    const { time, ref } = entries[i]!;
    if (arrivedBefore(ref, clock)) return time;
  }
  return -Infinity;
}
