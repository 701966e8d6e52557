/** `settle: true`: evaluated once, when the lateness is over. `@` is the arrival time if it is not the event time. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../engine/core/correlate/evaluate.ts';
import { aggregateRule, at, log, sequenceRule, told } from './evaluate.support.ts';

const few = aggregateRule('event_count', { lt: 2, settle: true });
const many = aggregateRule('event_count', { gte: 2, settle: true });

describe('a settled rule', () => {
  it('waits until the clock has passed the arrival plus the lateness', () => {
    expect(evaluate(few, log('A1@3'), at(5, 2))).toMatchObject({ fulfilments: [], reviewAt: 6, holdFrom: -9 });
    expect(told(evaluate(few, log('A1@3'), at(6, 2)).fulfilments)).toEqual(['1: 1 by e0 of e0']);
  });

  it('counts what arrives within the lateness', () => {
    expect(told(evaluate(few, log('A5 A4@7'), at(99, 2)).fulfilments)).toEqual(['4: 1 by e1 of e1']);
  });

  it('does not count what arrives later, whenever it is evaluated', () => {
    expect(told(evaluate(few, log('A5 A4@8'), at(99, 2)).fulfilments)).toEqual(['4: 1 by e1 of e1', '5: 1 by e0 of e0']);
    expect(told(evaluate(many, log('A5 A4@8'), at(99, 2)).fulfilments)).toEqual([]);
    expect(evaluate(many, log('A5 A4@8'), at(6, 2)).reviewAt).toBeUndefined();
  });

  it('evaluates an instant once, as a whole', () => {
    expect(told(evaluate(many, log('A1 A1 A1'), at(99)).fulfilments)).toEqual(['1: 3 by e2 of e0+e1+e2']);
  });

  it('is not delayed by a later event of the same instant', () => {
    expect(told(evaluate(few, log('A5 A5@8'), at(99, 2)).fulfilments)).toEqual(['5: 1 by e0 of e0']);
  });

  it('is due by event time at the end of an input', () => {
    const closing = (end: number): number => evaluate(many, log('A1 A2'), { ...at(0, 300), closing: end }).fulfilments.length;
    expect([closing(1), closing(2)]).toEqual([0, 1]);
  });

  it('may be a sequence', () => {
    const calm = sequenceRule('temporal_ordered', [{}, { not: true }, {}], { settle: true });
    expect(evaluate(calm, log('A1 C3'), at(5, 2)).reviewAt).toBe(6);
    expect(told(evaluate(calm, log('A1 C3 B2@5'), at(99, 2)).fulfilments)).toEqual([]);
    expect(told(evaluate(calm, log('A1 C3 B2@6'), at(99, 2)).fulfilments)).toEqual(['3: 2 by e1 of e0+e1']);
    const together = sequenceRule('temporal', [{}, {}], { settle: true });
    expect(told(evaluate(together, log('A1 B1'), at(99, 2)).fulfilments)).toEqual(['1: 2 by e1 of e0+e1']);
  });
});
