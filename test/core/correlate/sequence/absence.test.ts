/** `not` at the end of a sequence: the watch, its deadline and its clock. Arrival is the event time unless `@` says otherwise. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../../engine/core/correlate/evaluate.ts';
import type { Verdict } from '../../../../engine/core/correlate/verdict.ts';
import { at, later, log, sequenceRule, told, type StepSpec } from '../evaluate.support.ts';

/** After A and B, no C: within 5 of B, or until one timespan (10) after A. */
const timed: StepSpec[] = [{}, {}, { not: true, withinMs: 5 }];
const open: StepSpec[] = [{}, {}, { not: true }];
const judge = (steps: StepSpec[], text: string, moment = later): Verdict =>
  evaluate(sequenceRule('temporal_ordered', steps), log(text), moment);
const found = (steps: StepSpec[], text: string, moment = later): string[] => told(judge(steps, text, moment).fulfilments);

describe('the watch', () => {
  it('is fulfilled at its deadline, by the event that armed it', () => {
    expect(found(timed, 'A1 B3')).toEqual(['8: 2 by e1 of e0+e1']);
    expect(found(open, 'A1 B3')).toEqual(['11: 2 by e1 of e0+e1']);
  });

  it('is broken in (p, deadline]', () => {
    expect(found(timed, 'A1 B3 C3')).toEqual(['8: 2 by e1 of e0+e1']);
    expect(found(timed, 'A1 B3 C4')).toEqual([]);
    expect(found(timed, 'A1 B3 C8')).toEqual([]);
    expect(found(timed, 'A1 B3 C9')).toEqual(['8: 2 by e1 of e0+e1']);
    expect(found(open, 'A1 B3 C11')).toEqual([]);
    expect(found(open, 'A1 B3 C12')).toEqual(['11: 2 by e1 of e0+e1']);
  });

  it('waits longer than the timespan when its `within` is longer', () => {
    const long: StepSpec[] = [{}, {}, { not: true, withinMs: 25 }];
    expect(found(long, 'A1 B3 C28')).toEqual([]);
    expect(found(long, 'A1 B3 C29')).toEqual(['28: 2 by e1 of e0+e1']);
  });

  it('is armed by every completion', () => {
    expect(found(timed, 'A1 B2 B4 C8')).toEqual(['7: 2 by e1 of e0+e1']);
  });

  it('belongs to the earliest beginning within the timespan: it ends first, and what breaks it breaks all others', () => {
    expect(found(open, 'A1 A5 B6')).toEqual(['11: 2 by e2 of e0+e2']);
    expect(found(open, 'A1 A5 B6 C12')).toEqual(['11: 2 by e2 of e0+e2']);
    expect(found(open, 'A1 A5 B6 C11')).toEqual([]);
    expect(found(open, 'A1 A5 B11')).toEqual(['15: 2 by e2 of e1+e2']);
    // One of several steps with their own `within` breaks it as well.
    expect(found([...open, { not: true, withinMs: 2 }], 'A1 A5 B6 D7')).toEqual([]);
  });

  it('begins only where the steps allow', () => {
    const between: StepSpec[] = [{}, { not: true }, {}, { not: true }];
    expect(found(between, 'A1 B3 A5 C6')).toEqual(['15: 2 by e3 of e2+e3']);
    expect(found(between, 'A1 A2 B3 A5 A6 C7 D15')).toEqual([]);
    const leading: StepSpec[] = [{ not: true, withinMs: 1 }, {}, {}, { not: true }];
    expect(found(leading, 'A1 B2 B3 B5 C6')).toEqual(['13: 2 by e4 of e2+e4']);
    const soon: StepSpec[] = [{}, { withinMs: 2 }, {}, { not: true }];
    expect(found(soon, 'A1 A4 B6 C7')).toEqual(['14: 3 by e3 of e1+e2+e3']);
    const twice: StepSpec[] = [{ gte: 2 }, {}, { not: true }];
    expect(found(twice, 'A1 A4 A5 B6')).toEqual(['11: 3 by e3 of e0+e2+e3']);
    // An event that matches both steps is not its own beginning.
    expect(found(open, 'A1 AB4')).toEqual(['11: 2 by e1 of e0+e1']);
    expect(found(open, 'AB4')).toEqual([]);
  });

  it('with several steps fires at the latest deadline, if none of them happened', () => {
    const two: StepSpec[] = [{}, { not: true, withinMs: 2 }, { not: true, withinMs: 5 }];
    expect(found(two, 'A1')).toEqual(['6: 1 by e0 of e0']);
    expect(found(two, 'A1 B4')).toEqual(['6: 1 by e0 of e0']);
    expect(found(two, 'A1 B3')).toEqual([]);
    expect(found(two, 'A1 C4')).toEqual([]);
  });

  it('needs positive steps', () => {
    expect(found([{ not: true }], 'A1')).toEqual([]);
  });
});

describe('the clock of the watch', () => {
  it('is due when the arrival clock has passed arrival + (deadline − p) + lateness', () => {
    // Armed at 3, arrived at 4; deadline 8; lateness 2: due at 4 + 5 + 2. Until then the whole horizon of 15 before 8 is held.
    expect(judge(timed, 'A1 B3@4', at(11, 2))).toMatchObject({ fulfilments: [], reviewAt: 12, holdFrom: -7 });
    expect(found(timed, 'A1 B3@4', at(12, 2))).toEqual(['8: 2 by e1 of e0+e1']);
    expect(judge(timed, 'A1 B3@4', at(12, 2)).reviewAt).toBeUndefined();
  });

  it("waits just as long for last year's events, posted within a second", () => {
    expect(judge(timed, 'A1@1000 B3@1001', at(1002)).fulfilments).toEqual([]);
    expect(found(timed, 'A1@1000 B3@1001 C4@1002', at(9999))).toEqual([]);
  });

  it('counts what arrived by the due time, and nothing later', () => {
    expect(found(timed, 'A1 B3 C5@10', at(99, 2))).toEqual([]);
    expect(found(timed, 'A1 B3 C5@11', at(99, 2))).toEqual(['8: 2 by e1 of e0+e1']);
  });

  it('asks for no review once the watch is broken', () => {
    expect(judge(timed, 'A1 B3 C4', at(4)).reviewAt).toBeUndefined();
  });

  it('at the end of an input decides by event time', () => {
    const closing = (end: number): string[] => found(timed, 'A1 B3', { ...at(3, 300), closing: end });
    expect(closing(7)).toEqual([]);
    expect(closing(8)).toEqual(['8: 2 by e1 of e0+e1']);
  });
});

describe('an arming', () => {
  it('by a late event still counts', () => {
    expect(found(timed, 'A1@500 B3', at(999))).toEqual(['8: 2 by e1 of e0+e1']);
  });

  it('does not move once it was due: an earlier beginning that comes too late does not change the deadline', () => {
    expect(found(open, 'A2 B3', at(99))).toEqual(['12: 2 by e1 of e0+e1']);
    expect(found(open, 'A1@50 A2 B3', at(99))).toEqual(['12: 2 by e2 of e1+e2']);
    expect(found(open, 'A1@9 A2 B3', at(99))).toEqual(['11: 2 by e2 of e0+e2']);
  });

  it('is not undone by an earlier `not` that comes too late', () => {
    const steps: StepSpec[] = [{}, { not: true }, {}, { not: true, withinMs: 5 }];
    expect(found(steps, 'A1 B2@50 C3', at(99))).toEqual(['8: 2 by e2 of e0+e2']);
    expect(found(steps, 'A1 B2@8 C3', at(99))).toEqual([]);
  });
});
