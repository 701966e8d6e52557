/** Logs over the cap: first they lose repeats on which no verdict depends; only then the oldest entries, which are counted. */
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../../engine/core/correlate/entry.ts';
import { limits } from '../../../engine/core/limits.ts';
import type { Rule } from '../../../engine/core/rule.ts';
import { tidy } from '../../../engine/core/correlate/tidy.ts';
import { rulesOf } from '../../support/rules.ts';
import { entryOf } from './evaluate.support.ts';

const ruleOf = (type: string, condition: string): Rule =>
  rulesOf(`
id: r
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
correlation: { type: ${type}, group-by: [user], timespan: 1h, condition: { ${condition} } }
`).rules[0]!;

const hour = 3_600_000;
let n = 0;
const entry = (time: number, value: string | number = 0): Entry => entryOf({ time, id: String(++n).padStart(8, '0'), value });
const tidied = (rule: Rule, entries: readonly Entry[]) =>
  tidy({ rule, journal: entries, entries, keepFrom: -Infinity, late: 0, isMember: () => false })!;
const repeated = (from: number, everyMs: number, value: string | number): Entry[] =>
  Array.from({ length: limits.stepEntriesMax + 500 }, (_, i) => entry(from + i * everyMs, value));

describe('distinct values', () => {
  const rule = ruleOf('value_count', 'field: card, gte: 3');

  it('a value that is repeated within the timespan pushes no other out', () => {
    const { journal } = tidied(rule, [entry(0, 'first'), entry(1, 'second'), ...repeated(2, 100, 'again')]);
    expect(journal.map(({ value }) => value)).toEqual(expect.arrayContaining(['first', 'second', 'again']));
    expect(journal.length).toBeLessThan(limits.stepEntriesMax);
  });

  it('the first and the last occurrence of a value stay: windows begin and end there', () => {
    const again = repeated(0, 100, 'again');
    const { journal } = tidied(rule, again);
    expect([journal[0], journal.at(-1)]).toEqual([again[0], again.at(-1)]);
  });
});

describe('numbers of events', () => {
  it('a burst keeps the entries at both ends that fulfil the rule', () => {
    const burst = repeated(0, 1, 0);
    const { journal } = tidied(ruleOf('event_count', 'gte: 5'), burst);
    expect(journal.slice(0, 5)).toEqual(burst.slice(0, 5));
    expect(journal.slice(-5)).toEqual(burst.slice(-5));
    expect(journal.length).toBeLessThan(limits.stepEntriesMax);
  });
});

it('if each entry may matter, the oldest go and are counted, and the log records from when on it is complete', () => {
  const rule = ruleOf('value_sum', 'field: amount, gte: 1000');
  const all = repeated(0, hour / 10, 1);
  const { journal, capped, cut } = tidied(rule, all);
  expect(journal).toEqual(all.slice(500));
  expect([capped, cut]).toEqual([500, all[500]!.time]);
});
