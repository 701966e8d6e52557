/**
 * Keeps a window log small without changing a verdict. Three things may go:
 *
 *   1. repeats of an entry;
 *   2. entries older than any window that can still change: older than the newest settled event by horizon +
 *      lateness + tolerated future. Measured from what arrived before the arrival clock, never from the newest
 *      entry: in a backlog another worker may still hold older events;
 *   3. entries over the cap of a step: first those on which no verdict can depend, even with late events, as the kind of
 *      the correlation says (thin in kind.ts). Only then the oldest, and the alert says so.
 *
 * Nothing is removed by age while a verdict waits for the clock (absence, settle): its entries must stay.
 * Rewriting costs a copy of the log, so it is done only when a quarter of it can go: each entry is copied O(1) times.
 */
import type { Entry } from './entry.ts';
import { limits } from '../limits.ts';
import { correlated, type Rule } from '../rule.ts';
import { firstWhere } from '../util/first-where.ts';

export type TidyInput = {
  readonly rule: Rule;
  /** As stored, with repeats. */
  readonly journal: readonly Entry[];
  /** arrange(journal), without the entries that came too late. */
  readonly entries: readonly Entry[];
  /** Event time before which no entry can matter any more; -Infinity: keep all ages. */
  readonly keepFrom: number;
  /** Entries of the journal that came too late: they are removed immediately, so that each is counted once. */
  readonly late: number;
  /** Entries that take part in an alert: they become `counted`. */
  readonly isMember: (entry: Entry) => boolean;
};

export type Tidied = {
  readonly journal: readonly Entry[];
  /** Entries that the cap removed although a verdict, or an alert's count, might have depended on them. */
  readonly capped: number;
  /** Event time before which the log is incomplete; 0: unchanged. */
  readonly cut: number;
};

/** Minimum number of superfluous entries for a rewrite. */
const worthwhile = 16;

/** The new log; undefined: it stays unchanged. */
export function tidy(input: TidyInput): Tidied | undefined {
  const { journal, entries, keepFrom } = input;
  const firstKept = firstFrom(entries, keepFrom);
  const overCap = exceedsCap(entries, firstKept);
  const superfluous = journal.length - (entries.length - firstKept);
  if (!overCap && input.late === 0 && superfluous < Math.max(worthwhile, journal.length / 4)) return undefined;
  let kept = firstKept === 0 ? entries : entries.slice(firstKept);
  let cut = firstKept > 0 ? keepFrom : 0;
  let capped = 0;
  if (overCap) {
    const rule = correlated(input.rule);
    const thinned = rule.correlation.kind.thin(rule, kept);
    const newest = dropOldest(thinned);
    // A later alert might still have counted an entry that was thinned out, unless it is in an alert already. So such an
    // entry counts as lost, and the alert says so.
    const lost = [...without(kept, thinned).filter((entry) => !input.isMember(entry)), ...without(thinned, newest)];
    capped = lost.length;
    if (capped > 0) cut = lost.reduce((until, { time }) => Math.max(until, time + 1), Math.max(cut, newest[0]!.time));
    kept = newest;
  }
  return { journal: kept.map((entry) => (entry.counted || !input.isMember(entry) ? entry : { ...entry, counted: true })), capped, cut };
}

function without(entries: readonly Entry[], left: readonly Entry[]): readonly Entry[] {
  if (entries.length === left.length) return [];
  const rest = new Set(left);
  return entries.filter((entry) => !rest.has(entry));
}

/** Index of the first entry at or after the time. */
const firstFrom = (entries: readonly Entry[], time: number): number => firstWhere(entries.length, (i) => entries[i]!.time >= time);

function exceedsCap(entries: readonly Entry[], from: number): boolean {
  if (entries.length - from <= limits.stepEntriesMax) return false;
  const sizes: number[] = [];
  for (let i = from; i < entries.length; i++) {
    const { step } = entries[i]!;
    sizes[step] = (sizes[step] ?? 0) + 1;
    if (sizes[step]! > limits.stepEntriesMax) return true;
  }
  return false;
}

/** The newest `stepEntriesMax` of each step. */
function dropOldest(entries: readonly Entry[]): readonly Entry[] {
  const room = new Map<number, number>();
  const kept: Entry[] = [];
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i]!;
    const left = room.get(entry.step) ?? limits.stepEntriesMax;
    if (left === 0) continue;
    room.set(entry.step, left - 1);
    kept.push(entry);
  }
  return kept.reverse();
}
