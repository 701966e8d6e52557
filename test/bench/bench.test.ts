/** Each bench works, in its own process as with `npm run bench`, on a load too small to measure anything. */
import { describe, expect, it } from 'vitest';
import { codes, tableOf } from '../docs/markdown.ts';
import { benches, chosen } from './benches.ts';
import { inChild } from './in-child.ts';
import { met, quantile, type BenchResult } from './result.ts';
import { table } from './table.ts';

describe.each(benches)('bench $name', (bench) => {
  it('gives all its results, with all their fields', async () => {
    const results = await inChild(bench, 'smoke');
    expect(results.map((result) => result.name)).toEqual(bench.gives);
    for (const result of results) {
      expect(result).toMatchObject({ what: expect.stringMatching(/\w/), unit: expect.stringMatching(/\w/) });
      expect(result.ours).toBeGreaterThan(0);
      expect(result.ratio === undefined).toBe(result.floor === undefined);
      if (result.floor !== undefined) expect(result.ratio).toBeCloseTo(result.ours / result.floor, 6);
      expect(Object.keys(result.budget)).toHaveLength(1);
    }
  });
});

const result: BenchResult = { name: 'x', what: 'of x', unit: 'µs', ours: 30, floor: 10, ratio: 3, budget: { most: 2 } };

it('compares the budget with the ratio, or with the measured value when there is no floor', () => {
  expect(met(result)).toBe(false);
  expect(met({ ...result, budget: { least: 3 } })).toBe(true);
  expect(met({ ...result, floor: undefined, ratio: undefined, budget: { most: 30 } })).toBe(true);
  expect(met({ ...result, floor: undefined, ratio: undefined, budget: { most: 29.9 } })).toBe(false);
});

it('selects a bench by its name or by the name of a result', () => {
  expect(chosen([])).toBe(benches);
  expect(chosen(['replay', 'append']).map(({ name }) => name)).toEqual(['drain', 'append']);
  expect(() => chosen(['speed'])).toThrow(/no bench speed; there are match, drain, drain-1/);
});

it('docs/benchmarks.md lists every result', () => {
  expect(tableOf('docs/benchmarks.md', 'bench').flatMap(([name]) => codes(name!))).toEqual(benches.flatMap((bench) => bench.gives));
});

it('shows in the table whether each budget is met', () => {
  const lines = table([result, { ...result, name: 'y', budget: { most: 3 } }]).split('\n');
  expect(lines[1]).toMatch(/^x +30 +10 +µs +3 +≤ 2 +missed$/);
  expect(lines[2]).toMatch(/^y .*met$/);
});

it('gives as a quantile the smallest value that the given share of the values does not exceed', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2);
  expect(quantile([4, 1, 3, 2], 0.99)).toBe(4);
  expect(() => quantile([], 0.5)).toThrow('nothing was measured');
});
