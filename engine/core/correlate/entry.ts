/**
 * An entry is one observation in a window log: an event of this time matched this step of the log's rule. The log is a
 * journal in order of arrival; arrange() turns it into what evaluation needs.
 *
 * Identity: (event hash, step, index). An entry that repeats an identity already in the log is the same
 * observation again (a redelivery, a client's resend) and has no effect: the one that arrived first stays. Several workers
 * append, so the first arrival may come after a later one in the journal.
 */
import { arrivedBefore, type EventRef, type Arrival } from '../event.ts';

export type Entry = {
  /** Event time, epoch ms. */
  readonly time: number;
  /** 64-bit hash of (dataset, event id), as 8 latin1 characters. The same for every step the event matches. */
  readonly id: string;
  /** Index of the rule's step. */
  readonly step: number;
  /** The index of the value if the event has several; otherwise 0. */
  readonly index: number;
  /** The number to aggregate, or the 64-bit hash (8 latin1 characters) of the distinct value; 0 for neither. */
  readonly value: number | string;
  /** Where the event is stored. `ref.ms` is its arrival. */
  readonly ref: EventRef;
  /** True once the event is in the base count of an alert (fire.ts): it is not counted again. */
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
 * A log in (time, id) order without repeats. The input is in the order in which it was appended, and is not changed. An
 * ascending input may still have repeats: an event without its own time has another time when it is sent again.
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
 * What follows from the order of arrival: which entries came too late for the log, and up to which event time it is
 * settled. Both are computed from the stream ids that every entry carries, so they do not depend on when, by which worker
 * or in which batches the entries were appended.
 *
 * - An entry is too late if its time is more than `keepMs` before that of an entry that *arrived* before it.
 * - Settled is the newest event time among entries that arrived before the arrival clock. What may still be appended
 *   has arrived since (every shard has been processed up to the clock), so entries more than `keepMs` before that time
 *   cannot be needed again. Measuring from the newest entry instead would be wrong in a backlog: another worker may still
 *   hold older events.
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

/** The newest event time that arrived before the clock; -Infinity if none did. */
export function settledTime(entries: readonly Entry[], clock: Arrival): number {
  for (let i = entries.length - 1; i >= 0; i--) {
    const { time, ref } = entries[i]!;
    if (arrivedBefore(ref, clock)) return time;
  }
  return -Infinity;
}
