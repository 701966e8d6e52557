/**
 * The slow obvious version of evaluation: array filters for aggregates, all assignments for sequences, the clock
 * one millisecond at a time. No code of the engine's evaluation is used, and nothing here is clever.
 */
import { compareEntries, type Entry } from '../../engine/core/correlate/entry.ts';
import type { Aggregate, Rule, Sequence, Step } from '../../engine/core/rule.ts';
import type { Moment } from '../../engine/core/correlate/verdict.ts';

export type Expected = { readonly at: number; readonly by: Entry; readonly value: number; readonly start: number };
export type ExpectedVerdict = { readonly fulfilments: readonly Expected[]; readonly reviewAt: number | undefined };

/** Of entries with one identity the one that arrived first, in (time, id) order: what a log holds, in whichever order its entries were appended. */
export function firstArrivals(journal: readonly Entry[]): readonly Entry[] {
  const earlier = (a: Entry, b: Entry): boolean => a.ref.ms < b.ref.ms || (a.ref.ms === b.ref.ms && a.ref.seq < b.ref.seq);
  const same = (a: Entry, b: Entry): boolean => a.id === b.id && a.step === b.step && a.index === b.index;
  const stays = (entry: Entry, i: number): boolean =>
    !journal.some((other, j) => same(entry, other) && (earlier(other, entry) || (!earlier(entry, other) && j < i)));
  return journal.filter(stays).toSorted(compareEntries);
}

export function expectedVerdict(rule: Rule, entries: readonly Entry[], moment: Moment): ExpectedVerdict {
  if (endsWithNot(rule)) return absence(rule, entries, moment);
  return rule.correlation!.settle ? settled(rule, entries, moment) : prompt(rule, entries, moment);
}

const endsWithNot = (rule: Rule): boolean => rule.correlation!.kind === 'temporal_ordered' && rule.steps.at(-1)!.negative;

function judge(rule: Rule, entries: readonly Entry[]): Expected[] {
  const correlation = rule.correlation!;
  if ('condition' in correlation) return aggregate(correlation, entries);
  return correlation.kind === 'temporal' ? temporal(rule.steps, correlation, entries) : ordered(rule.steps, correlation, entries);
}

// Aggregates

function aggregate(correlation: Aggregate, entries: readonly Entry[]): Expected[] {
  const { kind, condition, timespanMs } = correlation;
  const upward = condition.every(({ op }) => op === 'gt' || op === 'gte');
  const prefixes =
    upward &&
    (kind === 'event_count' ||
      kind === 'value_count' ||
      kind === 'value_max' ||
      (kind === 'value_sum' && entries.every(({ value }) => Number(value) >= 0)));
  return entries.flatMap((by) => {
    const instant = entries.filter(({ time }) => time === by.time);
    if (by !== (prefixes ? instant.findLast(({ id }) => id === by.id) : instant.at(-1))) return [];
    const window = entries.filter((entry) => entry.time > by.time - timespanMs && compareEntries(entry, by) <= 0);
    const value = measure(kind, window);
    const met = condition.every(({ op, value: bound }) => {
      if (op === 'gt') return value > bound;
      if (op === 'gte') return value >= bound;
      if (op === 'lt') return value < bound;
      if (op === 'lte') return value <= bound;
      return op === 'eq' ? value === bound : value !== bound;
    });
    return met ? [{ at: by.time, by, value, start: window[0]!.time }] : [];
  });
}

function measure(kind: Aggregate['kind'], window: readonly Entry[]): number {
  const numbers = window.map(({ value }) => Number(value));
  switch (kind) {
    case 'event_count':
      return new Set(window.map(({ id }) => id)).size;
    case 'value_count':
      return new Set(window.map(({ value }) => value)).size;
    case 'value_sum':
      return exactTotal(numbers);
    case 'value_avg':
      return exactTotal(numbers) / numbers.length;
    case 'value_min':
      return Math.min(...numbers);
    case 'value_max':
      return Math.max(...numbers);
  }
}

/** In units of 2⁻⁹⁰ every number of these tests is an integer; BigInt adds exactly and rounds once. */
export const exactTotal = (numbers: readonly number[]): number =>
  Number(numbers.reduce((sum, number) => sum + BigInt(number * 2 ** 90), 0n)) / 2 ** 90;

// Sequences

/** All ways to take `count` different entries, in order. */
function combinations(entries: readonly Entry[], count: number): Entry[][] {
  if (count === 0) return [[]];
  return entries.flatMap((entry, index) => combinations(entries.slice(index + 1), count - 1).map((others) => [entry, ...others]));
}

const groupsOf = (step: Step, index: number, entries: readonly Entry[]): Entry[][] =>
  combinations(
    entries.filter((entry) => entry.step === index),
    step.times.gte,
  ).filter((group) => step.times.inMs === undefined || group.at(-1)!.time - group[0]!.time < step.times.inMs);

/** All choices of one group for each positive step, no event twice. */
function assignments(steps: readonly Step[], entries: readonly Entry[], fits: (chosen: readonly Entry[][]) => boolean): Entry[][][] {
  let chosen: Entry[][][] = [[]];
  steps.forEach((step, index) => {
    if (step.negative) return;
    const groups = groupsOf(step, index, entries);
    chosen = chosen.flatMap((before) =>
      groups
        .filter((group) => group.every(({ id }) => !before.flat().some((entry) => entry.id === id)))
        .map((group) => [...before, group])
        .filter(fits),
    );
  });
  return chosen;
}

function temporal(steps: readonly Step[], { timespanMs }: Sequence, entries: readonly Entry[]): Expected[] {
  return entries.flatMap((by) => {
    if (by !== entries.findLast(({ id, step, time }) => id === by.id && time === by.time && !steps[step]!.negative)) return [];
    const window = entries.filter((entry) => entry.time > by.time - timespanMs && entry.time <= by.time);
    if (window.some((entry) => steps[entry.step]!.negative)) return [];
    const [some] = assignments(
      steps,
      window.filter((entry) => compareEntries(entry, by) <= 0),
      () => true,
    );
    return some === undefined ? [] : [{ at: by.time, by, value: some.flat().length, start: NaN }];
  });
}

/** Where the positive steps are complete, with the latest or the earliest beginning for each last entry. */
function ordered(
  steps: readonly Step[],
  { timespanMs }: Sequence,
  entries: readonly Entry[],
  begins: 'last' | 'first' = 'last',
): Expected[] {
  const best = new Map<Entry, Expected>();
  for (const chosen of assignments(steps, entries, (some) => inOrder(steps, some, entries, timespanMs))) {
    const by = chosen.at(-1)!.at(-1)!;
    const start = chosen[0]![0]!.time;
    const other = best.get(by)?.start;
    if (by.time - start >= timespanMs || (other !== undefined && (begins === 'last' ? start <= other : start >= other))) continue;
    best.set(by, { at: by.time, by, value: chosen.flat().length, start });
  }
  return [...best.values()].toSorted((a, b) => compareEntries(a.by, b.by));
}

/** Checks the newest group against the one before it and against what must not happen in front of it. */
export function inOrder(
  steps: readonly Step[],
  chosen: readonly (readonly Entry[])[],
  entries: readonly Entry[],
  timespanMs: number,
): boolean {
  const positives = steps.flatMap((step, index) => (step.negative ? [] : [index]));
  const own = positives[chosen.length - 1]!;
  const group = chosen.at(-1)!;
  const first = group[0]!.time;
  const nots = steps.flatMap((step, index) =>
    step.negative && index < own && index > (positives[chosen.length - 2] ?? -1) ? [index] : [],
  );
  if (chosen.length === 1) {
    return nots.every(
      (not) => !entries.some(({ step, time }) => step === not && time < first && time >= first - (steps[not]!.withinMs ?? timespanMs)),
    );
  }
  const completed = chosen.at(-2)!.at(-1)!.time;
  if (first < completed) return false;
  if (group.at(-1)!.time > completed + (steps[own]!.withinMs ?? Infinity)) return false;
  return !entries.some(({ step, time }) => nots.includes(step) && time > completed && time < first);
}

// The clock

const passed = (end: number, due: number, { clock, closing }: Moment): boolean => (closing === undefined ? clock.ms > due : end <= closing);

/** What is fulfilled now and also in what has been worked off; where more can only help, the first is enough. */
function prompt(rule: Rule, entries: readonly Entry[], { clock, closing }: Moment): ExpectedVerdict {
  const fulfilments = judge(rule, entries);
  const waiting = entries.filter(({ ref }) => ref.ms > clock.ms || (ref.ms === clock.ms && ref.seq >= clock.seq));
  if (closing !== undefined || growing(rule, entries)) return { fulfilments, reviewAt: undefined };
  const known = judge(
    rule,
    entries.filter((entry) => !waiting.includes(entry)),
  );
  const sure = fulfilments.filter(({ by }) => known.some((other) => other.by === by));
  const reviewAt = sure.length === fulfilments.length ? undefined : Math.min(...waiting.map(({ ref }) => ref.ms)) + 1;
  return { fulfilments: sure, reviewAt };
}

function growing({ correlation, steps }: Rule, entries: readonly Entry[]): boolean {
  if (!('condition' in correlation!)) return steps.every((step) => !step.negative);
  const { kind, condition } = correlation;
  if (condition.some(({ op }) => op !== 'gt' && op !== 'gte')) return false;
  return kind === 'value_sum'
    ? entries.every(({ value }) => (value as number) >= 0)
    : kind === 'event_count' || kind === 'value_count' || kind === 'value_max';
}

function settled(rule: Rule, entries: readonly Entry[], moment: Moment): ExpectedVerdict {
  const lastPositive = rule.steps.findLastIndex((step) => !step.negative);
  const completes = ({ step }: Entry): boolean => {
    if ('condition' in rule.correlation!) return true;
    return rule.correlation!.kind === 'temporal' ? !rule.steps[step]!.negative : step === lastPositive;
  };
  const fulfilments: Expected[] = [];
  const reviews: number[] = [];
  for (const time of new Set(entries.map((entry) => entry.time))) {
    const arrivals = entries.filter((entry) => entry.time === time && completes(entry)).map(({ ref }) => ref.ms);
    const due = Math.min(...arrivals) + moment.latenessMs;
    const isDue = passed(time, due, moment);
    const known = entries.filter(({ ref }) => ref.ms <= due);
    const found = judge(rule, known).findLast((each) => each.at === time);
    if (found === undefined) continue;
    if (isDue) fulfilments.push(found);
    else reviews.push(due + 1);
  }
  return { fulfilments, reviewAt: reviews.length === 0 ? undefined : Math.min(...reviews) };
}

function absence(rule: Rule, entries: readonly Entry[], moment: Moment): ExpectedVerdict {
  const correlation = rule.correlation as Sequence;
  const lastPositive = rule.steps.findLastIndex((step) => !step.negative);
  const trailing = rule.steps.flatMap((step, index) => (index > lastPositive ? [{ step, index }] : []));
  const shaping = entries.filter(({ step }) => step <= lastPositive);
  const deadline = ({ by, start }: Expected, step: Step): number =>
    step.withinMs === undefined ? start + correlation.timespanMs : by.time + step.withinMs;
  const end = (arming: Expected): number => Math.max(...trailing.map(({ step }) => deadline(arming, step)));
  const dueOf = (arming: Expected): number => arming.by.ref.ms + end(arming) - arming.by.time + moment.latenessMs;
  const newest = Math.max(0, ...entries.map(({ ref }) => ref.ms));

  const armedAt = new Map<number, Expected[]>();
  const armings = (clock: number): Expected[] => {
    const known = shaping.filter(({ ref }) => ref.ms <= clock);
    let found = armedAt.get(known.length);
    if (found === undefined)
      armedAt.set(known.length, (found = ordered(rule.steps.slice(0, lastPositive + 1), correlation, known, 'first')));
    return found;
  };
  const fulfilments: Expected[] = [];
  const reviews: number[] = [];
  for (const by of entries.filter(({ step }) => step === lastPositive)) {
    let arming: Expected | undefined;
    for (let clock = by.ref.ms + moment.latenessMs; clock <= newest || arming === undefined; clock++) {
      arming = armings(clock).find((each) => each.by === by);
      if (arming !== undefined && dueOf(arming) <= clock) break;
      if (clock > newest) break;
    }
    if (arming === undefined) continue;
    const decided = arming;
    const due = dueOf(decided);
    const against = trailing.some(({ step, index }) =>
      entries.some(({ step: own, time, ref }) => own === index && time > by.time && time <= deadline(decided, step) && ref.ms <= due),
    );
    if (against) continue;
    if (passed(end(decided), due, moment)) fulfilments.push({ ...decided, at: end(decided) });
    else reviews.push(due + 1);
  }
  fulfilments.sort((a, b) => a.at - b.at || compareEntries(a.by, b.by));
  return { fulfilments, reviewAt: reviews.length === 0 ? undefined : Math.min(...reviews) };
}
