/** Aggregates as array filters: for each event, the entries of its window and one number computed from them. */
import { expect } from 'vitest';
import type { Aggregate } from '../../engine/core/correlate/aggregate/aggregate.ts';
import { compareEntries, type Entry } from '../../engine/core/correlate/entry.ts';
import type { Correlated } from '../../engine/core/correlate/kind.ts';
import type { Oracle } from './evaluate.oracle.ts';

/** @param measure the number of a window   @param larger true if it can only grow, as long as entries are like those of the log */
export function aggregateOracle(measure: (window: readonly Entry[]) => number, larger: (log: readonly Entry[]) => boolean): Oracle {
  const grows = (rule: Correlated, entries: readonly Entry[]): boolean =>
    conditionOf(rule).every(({ op }) => op === 'gt' || op === 'gte') && larger(entries);
  return {
    windows(rule, entries) {
      const prefixes = grows(rule, entries);
      return entries.flatMap((by) => {
        const instant = entries.filter(({ time }) => time === by.time);
        if (by !== (prefixes ? instant.findLast(({ id }) => id === by.id) : instant.at(-1))) return [];
        const window = windowAt(rule, entries, by);
        const value = measure(window);
        return isMet(rule, value) ? [{ at: by.time, by, value, start: window[0]!.time }] : [];
      });
    },
    grows,
    mayEndAt: () => true,
    expectProof: (rule, entries, { by, proof }) => expect(proof).toEqual(windowAt(rule, entries, by)),
  };
}

const windowAt = ({ correlation }: Correlated, entries: readonly Entry[], by: Entry): Entry[] =>
  entries.filter((entry) => entry.time > by.time - correlation.timespanMs && compareEntries(entry, by) <= 0);

const conditionOf = ({ correlation }: Correlated): Aggregate['condition'] => (correlation as Aggregate).condition;

const isMet = (rule: Correlated, value: number): boolean =>
  conditionOf(rule).every(({ op, value: bound }) => {
    if (op === 'gt') return value > bound;
    if (op === 'gte') return value >= bound;
    if (op === 'lt') return value < bound;
    if (op === 'lte') return value <= bound;
    return op === 'eq' ? value === bound : value !== bound;
  });

export const numbersOf = (window: readonly Entry[]): number[] => window.map(({ value }) => Number(value));

/** In units of 2⁻⁹⁰ every number in these tests is an integer, so BigInt adds exactly and the result is rounded once. */
export const exactTotal = (numbers: readonly number[]): number =>
  Number(numbers.reduce((sum, number) => sum + BigInt(number * 2 ** 90), 0n)) / 2 ** 90;
