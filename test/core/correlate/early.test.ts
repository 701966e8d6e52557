/** Rules that are evaluated at once, and that a further entry can contradict. `@` is the arrival time if it is not the event time. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../engine/core/correlate/evaluate.ts';
import { aggregateRule, at, log, sequenceRule, told, values } from './evaluate.support.ts';

const calm = sequenceRule('temporal_ordered', [{}, { not: true }, {}]);

describe('a rule that further entries can contradict', () => {
  it('waits until the clock has passed the fulfilling entries: earlier ones may still be with another worker', () => {
    expect(evaluate(calm, log('A1 C3'), at(3))).toMatchObject({ fulfilments: [], reviewAt: 4, holdFrom: -7 });
    expect(told(evaluate(calm, log('A1 C3'), at(4)).fulfilments)).toEqual(['3: 2 by e1 of e0+e1']);
    expect(evaluate(calm, log('A1 B2 C3'), at(3))).toMatchObject({ fulfilments: [], reviewAt: undefined });
  });

  it('is not delayed by further arrivals: it is evaluated again when the clock passes the next entry', () => {
    expect(evaluate(calm, log('A1 C3 C4 C5'), at(4))).toMatchObject({ fulfilments: [{ at: 3 }], reviewAt: 5 });
  });

  it('does not fire if it is only fulfilled without the last entries', () => {
    expect(evaluate(calm, log('A1 C3@2 B2@5'), at(4))).toMatchObject({ fulfilments: [], reviewAt: undefined });
  });

  it('considers a late event once the clock has passed it', () => {
    expect(evaluate(calm, log('A1@8 C3'), at(8))).toMatchObject({ fulfilments: [], reviewAt: 9 });
    expect(told(evaluate(calm, log('A1@8 C3'), at(9)).fulfilments)).toEqual(['3: 2 by e1 of e0+e1']);
  });

  it('is an average, an upper bound, or a sum with negative values', () => {
    const mean = aggregateRule('value_avg', { gte: 5 });
    expect(evaluate(mean, values('1=7'), at(1))).toMatchObject({ fulfilments: [], reviewAt: 2 });
    expect(evaluate(aggregateRule('event_count', { lt: 2 }), log('A1'), at(1))).toMatchObject({ fulfilments: [], reviewAt: 2 });
    const sum = aggregateRule('value_sum', { gte: 5 });
    expect(evaluate(sum, values('1=-1 2=7'), at(2))).toMatchObject({ fulfilments: [], reviewAt: 3 });
    expect(evaluate(sum, values('1=1 2=7'), at(1)).fulfilments).toHaveLength(1);
  });

  it('fires at once at the end of an input, and when further entries can only help', () => {
    expect(evaluate(calm, log('A1 C3'), { ...at(0), closing: 3 }).fulfilments).toHaveLength(1);
    expect(evaluate(sequenceRule('temporal_ordered', [{}, {}]), log('A1 B3'), at(0)).fulfilments).toHaveLength(1);
    expect(evaluate(aggregateRule('event_count', { gte: 2 }), log('A1 A3'), at(0)).fulfilments).toHaveLength(1);
  });
});
