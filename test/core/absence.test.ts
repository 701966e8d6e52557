/** `not` at the end of a sequence: the watch, its deadline and its clock. Arrival is the event time unless `@` says otherwise. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../engine/core/evaluate.ts';
import type { Verdict } from '../../engine/core/verdict.ts';
import { at, later, log, sequenceRule, told, type StepSpec } from './evaluate.support.ts';

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

  it('is armed by every completion', () => {
    expect(found(timed, 'A1 B2 B4 C8')).toEqual(['7: 2 by e1 of e0+e1']);
  });

  it('that is broken leaves one that began earlier and was over before: any assignment that fulfils counts', () => {
    expect(found(open, 'A1 A5 B6')).toEqual(['15: 2 by e2 of e1+e2']);
    expect(found(open, 'A1 A5 B6 C12')).toEqual(['11: 2 by e2 of e0+e2']);
    expect(found(open, 'A1 A5 B6 C11')).toEqual([]);
    expect(found(open, 'A1 A2 A5 B6 C13')).toEqual(['12: 2 by e3 of e1+e3']);
    // Only what lies within the timespan of its end, and after what must not be between.
    expect(found(open, 'A1 A5 B11 C12')).toEqual([]);
    expect(found([{}, { not: true }, {}, { not: true }], 'A1 B3 A5 C6 D12')).toEqual([]);
    // One of several steps with a time of its own breaks it for all.
    expect(found([{}, {}, { not: true }, { not: true, withinMs: 2 }], 'A1 A5 B6 C12 D7')).toEqual([]);
  });

  it('that is broken is told about when it would have been over, not before', () => {
    expect(judge(open, 'A1 A5 B6 C12', at(15, 2))).toMatchObject({ fulfilments: [], reviewAt: 18 });
    expect(found(open, 'A1 A5 B6 C12', at(18, 2))).toEqual(['11: 2 by e2 of e0+e2']);
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

describe('its clock', () => {
  it('is due when the arrival clock has passed arrival + (deadline − p) + lateness', () => {
    // Armed at 3, arrived at 4; deadline 8; lateness 2: due at 4 + 5 + 2. Until then the whole horizon of 15 before 8 is held.
    expect(judge(timed, 'A1 B3@4', at(11, 2))).toMatchObject({ fulfilments: [], reviewAt: 12, holdFrom: -7 });
    expect(found(timed, 'A1 B3@4', at(12, 2))).toEqual(['8: 2 by e1 of e0+e1']);
    expect(judge(timed, 'A1 B3@4', at(12, 2)).reviewAt).toBeUndefined();
  });

  it('waits as long for a file of last year, posted in a second', () => {
    expect(judge(timed, 'A1@1000 B3@1001', at(1002)).fulfilments).toEqual([]);
    expect(found(timed, 'A1@1000 B3@1001 C4@1002', at(9999))).toEqual([]);
  });

  it('counts what arrived by the due time, and nothing after', () => {
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
  it('of a late event is an arming still', () => {
    expect(found(timed, 'A1@500 B3', at(999))).toEqual(['8: 2 by e1 of e0+e1']);
  });

  it('does not move once it was due: a later beginning that comes too late changes no deadline', () => {
    expect(found(open, 'A1 B3', at(99))).toEqual(['11: 2 by e1 of e0+e1']);
    expect(found(open, 'A1 A2@50 B3', at(99))).toEqual(['11: 2 by e2 of e0+e2']);
    expect(found(open, 'A1 A2@9 B3', at(99))).toEqual(['12: 2 by e2 of e1+e2']);
  });

  it('is not undone by a `not` of before that comes too late', () => {
    const steps: StepSpec[] = [{}, { not: true }, {}, { not: true, withinMs: 5 }];
    expect(found(steps, 'A1 B2@50 C3', at(99))).toEqual(['8: 2 by e2 of e0+e2']);
    expect(found(steps, 'A1 B2@8 C3', at(99))).toEqual([]);
  });
});
