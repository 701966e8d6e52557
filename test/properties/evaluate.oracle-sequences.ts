/** Sequences by trying all assignments of different events to steps. */
import { expect } from 'vitest';
import { compareEntries, type Entry } from '../../engine/core/correlate/entry.ts';
import type { Correlated } from '../../engine/core/correlate/kind.ts';
import type { Moment } from '../../engine/core/correlate/verdict.ts';
import type { Step } from '../../engine/core/step.ts';
import { passed, type Expected, type ExpectedVerdict, type Oracle } from './evaluate.oracle.ts';

const grows = ({ steps }: Correlated): boolean => steps.every((step) => !step.negative);

export const temporalOracle: Oracle = {
  windows: inAnyOrder,
  grows,
  mayEndAt: ({ steps }, { step }) => !steps[step]!.negative,
  expectProof({ steps, correlation }, _, { at, proof }) {
    expectDifferentEvents(proof);
    expect(proof.every(({ time }) => time > at - correlation.timespanMs && time <= at)).toBe(true);
    expectTimes(steps, proof);
  },
};

export const temporalOrderedOracle: Oracle = {
  windows: (rule, entries) => ordered(rule, entries, 'last'),
  grows,
  mayEndAt: ({ steps }, { step }) => step === steps.findLastIndex(({ negative }) => !negative),
  absence: (rule, entries, moment) => (rule.steps.at(-1)!.negative ? absence(rule, entries, moment) : undefined),
  expectProof({ steps, correlation: { timespanMs } }, entries, { proof }, { start }) {
    expectTimes(steps, proof);
    expectDifferentEvents(proof);
    const groups = steps.flatMap(({ negative }, index) => (negative ? [] : [proof.filter(({ step }) => step === index)]));
    groups.forEach((_, index) => expect(inOrder(steps, groups.slice(0, index + 1), entries, timespanMs)).toBe(true));
    expect(groups[0]![0]!.time).toBe(start);
    expect(groups.at(-1)!.at(-1)!.time - start).toBeLessThan(timespanMs);
  },
};

const expectDifferentEvents = (proof: readonly Entry[]): void => expect(new Set(proof.map(({ id }) => id)).size).toBe(proof.length);

function expectTimes(steps: readonly Step[], proof: readonly Entry[]): void {
  steps.forEach(({ negative, times }, index) => {
    const group = proof.filter(({ step }) => step === index);
    expect(group).toHaveLength(negative ? 0 : times.gte);
    expect((group.at(-1)?.time ?? 0) - (group[0]?.time ?? 0)).toBeLessThan(negative ? 1 : (times.inMs ?? Infinity));
  });
}

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

function inAnyOrder({ steps, correlation: { timespanMs } }: Correlated, entries: readonly Entry[]): Expected[] {
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
function ordered({ steps, correlation: { timespanMs } }: Correlated, entries: readonly Entry[], begins: 'last' | 'first'): Expected[] {
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

/** Checks the newest group against the group before it and against the steps that must not happen between them. */
function inOrder(steps: readonly Step[], chosen: readonly (readonly Entry[])[], entries: readonly Entry[], timespanMs: number): boolean {
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

/** The clock goes one millisecond at a time. */
function absence({ steps, correlation }: Correlated, entries: readonly Entry[], moment: Moment): ExpectedVerdict {
  const lastPositive = steps.findLastIndex((step) => !step.negative);
  const trailing = steps.flatMap((step, index) => (index > lastPositive ? [{ step, index }] : []));
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
      armedAt.set(known.length, (found = ordered({ steps: steps.slice(0, lastPositive + 1), correlation }, known, 'first')));
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
