/**
 * Sorts the steps of a sequence by their role, and splits a log by step.
 *
 *     not a   B   C   not d   E   not f
 *     ─────   ───────────────────  ─────
 *     leading  positives, with     trailing
 *              gaps between them
 */
import type { Entry } from '../entry.ts';
import type { Step } from '../../step.ts';
import { firstWhere } from '../../util/first-where.ts';

/** A step that must happen: `count` different events, the last less than `inMs` after the first. */
export type Positive = {
  readonly step: number;
  readonly count: number;
  readonly inMs: number;
  /** The maximum time from the completion of the positive step before to its last event. */
  readonly withinMs: number;
  /** Steps that must not happen between the positive step before and this one. */
  readonly not: readonly number[];
};

/** A step at either end that must not happen for that long. Undefined: for the length of the window. */
export type Negative = { readonly step: number; readonly withinMs: number | undefined };

export type SequenceParts = {
  readonly positives: readonly Positive[];
  readonly leading: readonly Negative[];
  readonly trailing: readonly Negative[];
};

export function partsOf(steps: readonly Step[]): SequenceParts {
  const positives: Positive[] = [];
  const leading: Negative[] = [];
  let pending: Negative[] = [];
  steps.forEach(({ negative, times, withinMs }, step) => {
    if (negative) {
      pending.push({ step, withinMs });
      return;
    }
    if (positives.length === 0) leading.push(...pending);
    const not = positives.length === 0 ? [] : pending.map((each) => each.step);
    positives.push({ step, count: times.gte, inMs: times.inMs ?? Infinity, withinMs: withinMs ?? Infinity, not });
    pending = [];
  });
  return { positives, leading, trailing: positives.length === 0 ? [] : pending };
}

/** How far before the first event the leading steps look, ms. */
export const lookBackMs = ({ leading }: SequenceParts, timespanMs: number): number =>
  Math.max(0, ...leading.map(({ withinMs }) => withinMs ?? timespanMs));

export type SplitLog = {
  /** For each step its entries, in order, each event once. */
  readonly lists: readonly (readonly Entry[])[];
  /** True when an event is in the lists of two positive steps. */
  readonly shared: boolean;
};

/** The entries of an event need not be consecutive: an event that is sent again at another time may then match another step. */
export function splitLog(entries: readonly Entry[], steps: readonly Step[]): SplitLog {
  const lists: Entry[][] = steps.map(() => []);
  let shared = false;
  const positive = new Set<string>();
  for (const entry of entries) {
    const list = lists[entry.step];
    if (list === undefined || list.at(-1)?.id === entry.id) continue;
    list.push(entry);
    if (steps[entry.step]!.negative) continue;
    if (positive.has(entry.id)) shared = true;
    else positive.add(entry.id);
  }
  return { lists, shared };
}

/** The minimum number of entries that the log lacks for the positive steps, regardless of times; at least 1. */
export function lacking({ positives }: SequenceParts, { lists }: SplitLog): number {
  let missing = 0;
  for (const { step, count } of positives) missing += Math.max(0, count - lists[step]!.length);
  return Math.max(1, missing);
}

/** The times of those steps' entries, in order. */
export function timesOf(entries: readonly Entry[], steps: readonly number[]): readonly number[] {
  if (steps.length === 0) return [];
  return entries.filter((entry) => steps.includes(entry.step)).map((entry) => entry.time);
}

/** The entries of one step in order, and their times. */
export type Timeline = { readonly list: readonly Entry[]; readonly times: readonly number[] };

export function timelineOf(entries: readonly Entry[], step: number): Timeline {
  const list = entries.filter((entry) => entry.step === step);
  return { list, times: list.map(({ time }) => time) };
}

/** How many of the rising times are before `time`. Times are whole milliseconds. */
export const countBefore = (times: readonly number[], time: number): number => firstWhere(times.length, (i) => times[i]! >= time);

/** The latest of the rising times before `time`; -Infinity if there is none. */
export const latestBefore = (times: readonly number[], time: number): number => times[countBefore(times, time) - 1] ?? -Infinity;
