/** Sequences by example. `log('A1 BC2')`: an event of step A at time 1, and one at 2 that matches B and C. */
import { describe, expect, it } from 'vitest';
import { arrange } from '../../../../engine/core/correlate/entry.ts';
import { evaluate } from '../../../../engine/core/correlate/evaluate.ts';
import { limits } from '../../../../engine/core/limits.ts';
import { entryOf, later, log, sequenceRule, told, type StepSpec } from '../evaluate.support.ts';

const temporal = (steps: StepSpec[], text: string, timespanMs = 10): string[] =>
  told(evaluate(sequenceRule('temporal', steps, { timespanMs }), log(text), later).fulfilments);
const ordered = (steps: StepSpec[], text: string, timespanMs = 10): string[] =>
  told(evaluate(sequenceRule('temporal_ordered', steps, { timespanMs }), log(text), later).fulfilments);

describe('temporal', () => {
  it('is fulfilled by its steps in any order, in (t − timespan, t]', () => {
    expect(temporal([{}, {}], 'B1 A10')).toEqual(['10: 2 by e1 of e0+e1']);
    expect(temporal([{}, {}], 'B1 A11')).toEqual([]);
  });

  it('is evaluated at each of its events', () => {
    expect(temporal([{}, {}], 'A1 B2 A3')).toEqual(['2: 2 by e1 of e0+e1', '3: 2 by e2 of e1+e2']);
  });

  it('requires a step as often as `times` says, within its `in`, half-open', () => {
    const steps = [{ gte: 3, inMs: 4 }, {}];
    expect(temporal(steps, 'A1 A2 A4 B9')).toEqual(['9: 4 by e3 of e0+e1+e2+e3']);
    expect(temporal(steps, 'A1 A2 A5 B9')).toEqual([]);
    expect(temporal([{ gte: 3 }, {}], 'A1 A2 A5 B9')).toEqual(['9: 4 by e3 of e0+e1+e2+e3']);
  });

  it('requires that no `not` step is in the window, including its last instant', () => {
    const steps = [{}, {}, { not: true }];
    expect(temporal(steps, 'A5 B6 C7')).toEqual(['6: 2 by e1 of e0+e1']);
    expect(temporal(steps, 'A5 C5 B6')).toEqual([]);
    expect(temporal(steps, 'A5 B6 C6')).toEqual([]);
    expect(temporal(steps, 'C1 A10 B11')).toEqual(['11: 2 by e2 of e1+e2']);
    expect(temporal(steps, 'C1 A10 B10')).toEqual([]);
  });

  it('gives each step a different event', () => {
    expect(temporal([{}, {}], 'AB1')).toEqual([]);
    expect(temporal([{}, {}], 'AB1 AB2')).toEqual(['2: 2 by e1 of e0+e1']);
    expect(temporal([{}, {}, {}], 'AB1 BC2 C3')).toEqual(['3: 3 by e2 of e0+e1+e2']);
    expect(temporal([{}, {}, {}], 'AB1 AB2 AB3 ABC4').at(0)).toBe('4: 3 by e3 of e1+e2+e3');
  });

  it('is evaluated at an event that was sent again at another time and then matches another step', () => {
    const again = [...log('B1'), entryOf({ time: 1, id: 'x' }), entryOf({ time: 99, id: 'x', step: 1 })];
    expect(told(evaluate(sequenceRule('temporal', [{}, {}]), arrange(again), later).fulfilments)).toEqual(['1: 2 by x of e0+x']);
  });

  it('uses another run of events for a step when the latest one is needed elsewhere', () => {
    expect(temporal([{ gte: 2, inMs: 2 }, {}], 'A1 A2 A5 AB6')).toEqual(['6: 3 by e3 of e0+e1+e3']);
  });
});

describe('temporal_ordered', () => {
  it('requires the order, and all events less than a timespan before the end', () => {
    expect(ordered([{}, {}], 'A1 B10')).toEqual(['10: 2 by e1 of e0+e1']);
    expect(ordered([{}, {}], 'A1 B11')).toEqual([]);
    expect(ordered([{}, {}], 'B1 A2')).toEqual([]);
  });

  it('accepts any order at equal times', () => {
    expect(ordered([{}, {}, {}], 'C1 B1 A1')).toEqual(['1: 3 by e0 of e0+e1+e2']);
  });

  it('`within` counts from the completion of the step before, both ends included', () => {
    const steps = [{}, { gte: 2, withinMs: 5 }];
    expect(ordered(steps, 'A1 B1 B6')).toEqual(['6: 3 by e2 of e0+e1+e2']);
    expect(ordered(steps, 'A1 B2 B7')).toEqual([]);
    expect(ordered(steps, 'A1 B2 A3 B4 B7')).toEqual(['4: 3 by e3 of e0+e1+e3', '7: 3 by e4 of e2+e3+e4']);
  });

  it('`times` with `in` is half-open', () => {
    const steps = [{ gte: 2, inMs: 3 }, {}];
    expect(ordered(steps, 'A1 A3 B4')).toEqual(['4: 3 by e2 of e0+e1+e2']);
    expect(ordered(steps, 'A1 A4 B5')).toEqual([]);
  });

  it('`times` may be fulfilled early: further events of a step do no harm', () => {
    expect(ordered([{ gte: 2 }, {}], 'A1 A2 A3 B4 A5')).toEqual(['4: 3 by e3 of e1+e2+e3']);
  });

  it('shows, for each last event, the assignment that begins latest', () => {
    expect(ordered([{}, {}, {}], 'A1 B2 A3 B4 C5 C6')).toEqual(['5: 3 by e4 of e2+e3+e4', '6: 3 by e5 of e2+e3+e5']);
  });

  it('a `not` between steps must not happen strictly between them', () => {
    const steps = [{}, { not: true }, {}];
    expect(ordered(steps, 'A1 B2 C3')).toEqual([]);
    expect(ordered(steps, 'A1 B1 C3')).toEqual(['3: 2 by e2 of e0+e2']);
    expect(ordered(steps, 'A1 B3 C3')).toEqual(['3: 2 by e2 of e0+e2']);
    expect(ordered(steps, 'A1 B2 A3 C4')).toEqual(['4: 2 by e3 of e2+e3']);
  });

  it('a `not` is checked up to the first event of the step after it: any assignment counts', () => {
    expect(ordered([{}, { not: true }, { gte: 2 }], 'A0 C1 B2 C3 C4')).toEqual(['3: 3 by e3 of e0+e1+e3', '4: 3 by e4 of e0+e1+e4']);
  });

  it('a leading `not` must not happen in [s − within, s) before the first event s', () => {
    const steps = [{ not: true, withinMs: 5 }, {}, {}];
    expect(ordered(steps, 'A4 B10 C11')).toEqual(['11: 2 by e2 of e1+e2']);
    expect(ordered(steps, 'A5 B10 C11')).toEqual([]);
    expect(ordered(steps, 'A10 B10 C11')).toEqual(['11: 2 by e2 of e1+e2']);
    expect(ordered(steps, 'B3 A5 B10 C11')).toEqual(['11: 2 by e3 of e0+e3']);
  });

  it('a leading `not` looks back further than the timespan when its `within` is longer', () => {
    const steps = [{ not: true, withinMs: 25 }, {}, {}];
    expect(ordered(steps, 'A5 B30 C31')).toEqual([]);
    expect(ordered(steps, 'A4 B30 C31')).toEqual(['31: 2 by e2 of e1+e2']);
  });

  it('a leading `not` without `within` looks back one timespan', () => {
    expect(ordered([{ not: true }, {}], 'A1 B11')).toEqual([]);
    expect(ordered([{ not: true }, {}], 'A1 B12')).toEqual(['12: 1 by e1 of e1']);
  });

  it('gives no two steps the same event, even if it was sent again at another time and then matches the other step', () => {
    const again = [entryOf({ time: 1, id: 'x' }), entryOf({ time: 2, id: 'y', step: 1 }), entryOf({ time: 3, id: 'x', step: 2 })];
    expect(told(evaluate(sequenceRule('temporal_ordered', [{}, {}, {}]), arrange(again), later).fulfilments)).toEqual([]);
  });

  it('gives each step a different event', () => {
    expect(ordered([{}, {}], 'AB1')).toEqual([]);
    expect(ordered([{}, {}], 'AB1 AB2')).toEqual(['2: 2 by e1 of e0+e1']);
    expect(ordered([{}, {}], 'A1 AB1')).toEqual(['1: 2 by e1 of e0+e1']);
    expect(ordered([{}, { gte: 2 }, {}], 'A1 AB2 B3 BC4 C5')).toEqual(['4: 4 by e3 of e0+e1+e2+e3', '5: 4 by e4 of e1+e2+e3+e4']);
  });
});

describe('slack of a sequence', () => {
  const slack = (text: string): number =>
    evaluate(sequenceRule('temporal_ordered', [{ gte: 5 }, { not: true }, {}, {}]), log(text), later).slack;

  it('is the sum of what the steps lack', () => {
    expect(slack('')).toBe(7);
    expect(slack('A1 A2 C3')).toBe(4);
    expect(slack('A1 A2 A3 A4 A5 A6 A7 C8 C9')).toBe(1);
    expect(slack('B1 B2')).toBe(7);
  });
});

describe('a search for different events', () => {
  const twins = (count: number): ReturnType<typeof arrange> =>
    arrange(
      Array.from({ length: count }, (_, nth) => [0, 1].map((step) => entryOf({ time: 0, id: String(nth).padStart(8, '0'), step }))).flat(),
    );

  const kinds = ['temporal', 'temporal_ordered'] as const;

  /** Eleven steps that each need a pair of the same events, and a last one: as hard to see through as impossible with 21 of them. */
  const pairs: StepSpec[] = [...Array.from({ length: 11 }, () => ({ gte: 2, inMs: 2 })), { gte: 1 }];
  const hard = (begin: number, apart: number, count: number, ends = 5) =>
    [
      ...Array.from({ length: count }, (_, n) =>
        pairs.slice(1).map((_step, step) => entryOf({ time: begin + n * apart, id: `h${begin}-${n}`, step })),
      ),
      ...Array.from({ length: ends }, (_, n) => [entryOf({ time: begin + 60, id: `z${begin}-${n}`, step: 11 })]),
    ].flat();
  const apart = { temporal: 1, temporal_ordered: 0 };

  it.each(kinds)('%s: ends at its bound and says so, and the window is not fulfilled', (kind) => {
    const verdict = evaluate(sequenceRule(kind, pairs, { timespanMs: 100 }), arrange(hard(0, apart[kind], 21)), later);
    expect(verdict.undecided).toBeGreaterThan(0);
    expect(verdict.fulfilments).toEqual([]);
  });

  it.each(kinds)('%s: is not made for a window that holds too few different events', (kind) => {
    const verdict = evaluate(sequenceRule(kind, pairs, { timespanMs: 100 }), arrange(hard(0, apart[kind], 21, 1)), later);
    expect(verdict.undecided).toBe(0);
    expect(verdict.fulfilments).toEqual([]);
  });

  it.each(kinds)('%s: one that meets its bound costs no other window its answer', (kind) => {
    const possible = hard(1000, apart[kind], 22, 1);
    const rule = sequenceRule(kind, pairs, { timespanMs: 100 });
    const alone = evaluate(rule, arrange(possible), later);
    expect(alone.fulfilments.map(({ value }) => value)).toEqual([23]);
    const verdict = evaluate(rule, arrange([...hard(0, apart[kind], 21, 3), ...possible]), later);
    expect(verdict.undecided).toBeGreaterThan(0);
    expect(told(verdict.fulfilments)).toEqual(told(alone.fulfilments));
  });

  it.each(kinds)('%s: all searches of one evaluation together are bounded', (kind) => {
    const searches = arrange(Array.from({ length: 60 }, (_, n) => hard(1000 * n, apart[kind], 21)).flat());
    const verdict = evaluate(sequenceRule(kind, pairs, { timespanMs: 100 }), searches, later);
    expect(verdict.undecided).toBeGreaterThan(limits.searchesStepsMax / limits.searchStepsMax);
    expect(verdict.fulfilments).toEqual([]);
  });

  it('is exact within its bound', () => {
    const rule = sequenceRule('temporal', [{ gte: 10 }, { gte: 10 }]);
    expect(told(evaluate(rule, twins(19), later).fulfilments)).toEqual([]);
    expect(evaluate(rule, twins(20), later).fulfilments.map(({ value }) => value)).toEqual([20]);
  });

  it('thousands of events that match two steps are far below its bound', () => {
    const half = 1000;
    const verdict = evaluate(sequenceRule('temporal', [{ gte: half }, { gte: half }]), twins(2 * half), later);
    expect(verdict.undecided).toBe(0);
    expect(verdict.fulfilments.map(({ value }) => value)).toContain(2 * half);
  });
});
