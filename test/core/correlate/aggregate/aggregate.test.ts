/** Aggregates by example: which entries a window holds, and when it is evaluated. */
import { describe, expect, it } from 'vitest';
import { arrange } from '../../../../engine/core/correlate/entry.ts';
import { evaluate } from '../../../../engine/core/correlate/evaluate.ts';
import { exactSum } from '../../../../engine/core/correlate/aggregate/exact-sum.ts';
import { aggregateRule, entryOf, later, log, singleRule, told, values } from '../evaluate.support.ts';

const windows = (...[rule, entries]: [Parameters<typeof evaluate>[0], Parameters<typeof evaluate>[1]]): string[] =>
  told(evaluate(rule, entries, later).fulfilments);

describe('the window (t − timespan, t]', () => {
  const two = aggregateRule('event_count', { gte: 2, timespanMs: 10 });

  it('holds the event that ends it and those less than a timespan before', () => {
    expect(windows(two, log('A1 A10'))).toEqual(['10: 2 by e1 of e0+e1']);
  });

  it('does not hold an event exactly one timespan before', () => {
    expect(windows(two, log('A1 A11'))).toEqual([]);
  });

  it('slides: it is found across the boundary of a tumbling window', () => {
    expect(windows(two, log('A9 A11'))).toEqual(['11: 2 by e1 of e0+e1']);
  });

  it('is evaluated again when a late event falls into it', () => {
    expect(windows(two, log('A1 A11'))).toEqual([]);
    expect(windows(two, log('A1 A11 A6@99'))).toEqual(['6: 2 by e2 of e0+e2', '11: 2 by e1 of e2+e1']);
  });

  it('of an empty log does not exist', () => {
    expect(evaluate(two, [], later)).toEqual({ fulfilments: [], slack: 2, reviewAt: undefined, holdFrom: undefined, undecided: 0 });
  });
});

describe('event_count', () => {
  it('is fulfilled by the third of five events of one millisecond, with value 3', () => {
    const rule = aggregateRule('event_count', { gte: 3 });
    expect(windows(rule, log('A1 A1 A1 A1 A1'))).toEqual([
      '1: 3 by e2 of e0+e1+e2',
      '1: 4 by e3 of e0+e1+e2+e3',
      '1: 5 by e4 of e0+e1+e2+e3+e4',
    ]);
  });

  it('counts an event once, however many entries it has', () => {
    const one = [entryOf({ time: 1, id: 'a' }), entryOf({ time: 1, id: 'a', index: 1 }), entryOf({ time: 2, id: 'b' })];
    expect(windows(aggregateRule('event_count', { gte: 2 }), arrange(one))).toEqual(['2: 2 by b of a+a+b']);
  });

  it('with an upper bound is evaluated at the end of each instant, with all its events', () => {
    expect(windows(aggregateRule('event_count', { lte: 2 }), log('A1 A1 A1 A20 A20'))).toEqual(['20: 2 by e4 of e3+e4']);
    expect(windows(aggregateRule('event_count', { gte: 2, lt: 4 }), log('A1 A2 A3 A4'))).toEqual([
      '2: 2 by e1 of e0+e1',
      '3: 3 by e2 of e0+e1+e2',
    ]);
    expect(windows(aggregateRule('event_count', { eq: 2 }), log('A1 A1 A1'))).toEqual([]);
    expect(windows(aggregateRule('event_count', { neq: 1 }), log('A1 A2'))).toEqual(['2: 2 by e1 of e0+e1']);
  });
});

describe('value_count', () => {
  it('counts distinct values: five attempts with one card count as one card', () => {
    expect(windows(aggregateRule('value_count', { gte: 2 }), values('1=x 2=x 3=x 4=x 5=x'))).toEqual([]);
    expect(windows(aggregateRule('value_count', { gte: 2 }), values('1=x 2=x 3=y'))).toEqual(['3: 2 by e02 of e00+e01+e02']);
  });

  it('counts all values of an event before it is evaluated', () => {
    const three = ['x', 'y', 'z'].map((value, index) => entryOf({ time: 1, id: 'a', index, value }));
    expect(windows(aggregateRule('value_count', { gte: 2 }), three)).toEqual(['1: 3 by a of a+a+a']);
  });

  it('drops a value with its last occurrence', () => {
    expect(windows(aggregateRule('value_count', { gte: 2, timespanMs: 3 }), values('1=x 2=x 4=y 5=y'))).toEqual(['4: 2 by e02 of e01+e02']);
  });
});

describe('value_sum, value_avg, value_min, value_max', () => {
  it('take the numbers of the window', () => {
    const entries = values('1=4 2=8 20=3');
    expect(windows(aggregateRule('value_sum', { gte: 12 }), entries)).toEqual(['2: 12 by e01 of e00+e01']);
    expect(windows(aggregateRule('value_avg', { eq: 6 }), entries)).toEqual(['2: 6 by e01 of e00+e01']);
    expect(windows(aggregateRule('value_min', { lt: 4 }), entries)).toEqual(['20: 3 by e02 of e02']);
    expect(windows(aggregateRule('value_max', { gt: 4 }), entries)).toEqual(['2: 8 by e01 of e00+e01']);
  });

  it('evaluate a sum at each entry while no value is negative, otherwise at the end of the instant', () => {
    expect(windows(aggregateRule('value_sum', { gte: 5 }), values('1=5 1=1'))).toEqual(['1: 5 by e00 of e00', '1: 6 by e01 of e00+e01']);
    expect(windows(aggregateRule('value_sum', { gte: 5 }), values('1=5 1=-1'))).toEqual([]);
  });

  it('evaluate each instant of an event that was sent again at another time with more values', () => {
    const entries = arrange([entryOf({ time: 1, id: 'e', value: 5 }), entryOf({ time: 99, id: 'e', index: 1, value: 7 })]);
    expect(windows(aggregateRule('value_sum', { gte: 5 }), entries)).toEqual(['1: 5 by e of e', '99: 7 by e of e']);
  });

  it('find the smallest and largest again when the extreme one has left', () => {
    const entries = values('1=9 2=5 3=7 12=1');
    expect(windows(aggregateRule('value_max', { gte: 7, timespanMs: 10 }), entries)).toEqual([
      '1: 9 by e00 of e00',
      '2: 9 by e01 of e00+e01',
      '3: 9 by e02 of e00+e01+e02',
      '12: 7 by e03 of e02+e03',
    ]);
  });

  it('do not drift: values that leave the window leave no rounding error', () => {
    expect(windows(aggregateRule('value_sum', { eq: 0.1, timespanMs: 2 }), values('1=1e17 2=0.1 4=0.1'))).toEqual(['4: 0.1 by e02 of e02']);
    expect(windows(aggregateRule('value_sum', { gte: 0.6 }), values('1=0.1 2=0.2 3=0.3'))).toEqual(['3: 0.6 by e02 of e00+e01+e02']);
  });
});

describe('an exact sum', () => {
  const total = (...numbers: number[]): number => {
    const sum = exactSum();
    for (const number of numbers) sum.add(number);
    return sum.total();
  };

  it('rounds once, to the nearest; lower parts break ties, otherwise ties go to even', () => {
    expect(total()).toBe(0);
    expect(total(0.1, 0.2, 0.3)).toBe(0.6);
    expect(total(1e100, 1, -1e100)).toBe(1);
    expect(total(2 ** 53, 1)).toBe(2 ** 53);
    expect(total(2 ** 53, 1, 2 ** -60)).toBe(2 ** 53 + 2);
    expect(total(2 ** 53 + 2, -1, -(2 ** -60))).toBe(2 ** 53);
  });

  it('stays finite for any input', () => {
    expect(total(Number.MAX_VALUE, Number.MAX_VALUE)).toBe(2e290);
    expect(total(Infinity, -Infinity)).toBe(0);
  });
});

describe('slack', () => {
  const slack = (rule: ReturnType<typeof aggregateRule>, entries: ReturnType<typeof log>): number => evaluate(rule, entries, later).slack;

  it('is what the fullest window lacks, because late events may fall into any window', () => {
    expect(slack(aggregateRule('event_count', { gte: 5 }), log('A1 A2 A3 A30'))).toBe(2);
    expect(slack(aggregateRule('event_count', { gt: 5 }), log('A1 A2 A3 A30'))).toBe(3);
    expect(slack(aggregateRule('value_count', { gte: 4 }), values('1=x 2=y 3=y'))).toBe(2);
  });

  it('is 1 if a window is fulfilled, or if it is unknown', () => {
    expect(slack(aggregateRule('event_count', { gte: 2 }), log('A1 A2'))).toBe(1);
    expect(slack(aggregateRule('event_count', { eq: 2 }), log('A1 A1 A1'))).toBe(1);
    expect(slack(aggregateRule('value_sum', { gte: 1000 }), values('1=1'))).toBe(1);
  });
});

describe('proofs', () => {
  it('share the list of a full log', () => {
    const entries = arrange(Array.from({ length: 4096 }, (_, nth) => entryOf({ time: nth, id: String(nth).padStart(8, '0') })));
    const { fulfilments } = evaluate(aggregateRule('event_count', { gte: 1, timespanMs: 1e6 }), entries, later);
    expect(fulfilments).toHaveLength(4096);
    expect(new Set(fulfilments.flatMap(({ spans }) => spans.map(({ of }) => of))).size).toBe(1);
  });
});

it('a rule without correlation is refused', () => {
  expect(() => evaluate(singleRule(), [], later)).toThrow('rule rule has no correlation');
});
