/**
 * An entry is one observation as its window log keeps it: that an event of this time matched this step of the
 * log's rule. The log is a journal in the order of arrival; arrange() makes of it what evaluation needs.
 *
 * Identity: (event hash, step, index). An entry that repeats an identity already in the log is the same
 * observation again (a redelivery, a client's resend) and has no effect: the one that arrived first stays. Workers append
 * what they have in hand, so that it may stand behind a later one.
 */
import { arrivedBefore, type EventRef, type Arrival } from '../event.ts';

export type Entry = {
  /** Event time, epoch ms. */
  readonly time: number;
  /** 64-bit hash of (dataset, event id), as 8 latin1 characters. The same for every step the event matches. */
  readonly id: string;
  /** Index of the rule's step. */
  readonly step: number;
  /** Which of the event's values this is, where a field held several; else 0. */
  readonly index: number;
  /** The number to aggregate, or the 64-bit hash (8 latin1 characters) of the distinct value; 0 for neither. */
  readonly value: number | string;
  /** Where the event lies. `ref.ms` is its arrival. */
  readonly ref: EventRef;
  /** True once the event stands in the base count of an alert (fire.ts): it is not counted again. */
  readonly counted: boolean;
};

/** (time, id, step, index): the order in which windows are evaluated. */
export function compareEntries(a: Entry, b: Entry): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return a.step - b.step || a.index - b.index;
}

const identity = (e: Entry): string => `${e.id}${String.fromCharCode(e.step, e.index)}`;

/**
 * A log in (time, id) order without repeats. The input is in the order in which it was appended and stays as it is. That
 * it ascends does not make it free of repeats: an event without a time of its own has another one when it is sent again.
 */
export function arrange(journal: readonly Entry[]): readonly Entry[] {
  const seen = new Map<string, number>();
  const entries: Entry[] = [];
  let ordered = true;
  for (const entry of journal) {
    const key = identity(entry);
    const known = seen.get(key);
    if (known !== undefined) {
      const kept = entries[known]!;
      if (arrivedBefore(entry.ref, kept.ref)) {
        entries[known] = kept.counted ? { ...entry, counted: true } : entry;
        ordered = false;
      }
      continue;
    }
    seen.set(key, entries.length);
    const last = entries.at(-1);
    if (last !== undefined && compareEntries(last, entry) > 0) ordered = false;
    entries.push(entry);
  }
  return ordered ? entries : entries.sort(compareEntries);
}

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
