import { describe, expect, it } from 'vitest';
import { openRuleBook } from '../../../engine/runtime/metering/rule-counts.ts';
import { sourcesOf } from '../../../engine/compile/index.ts';
import { countRule, rulesOf } from '../../support/rules.ts';

const twoSteps = `
id: pair
steps:
  - { name: one, conditions: { all: [{ fact: event.dataset, operator: equal, value: logins }] } }
  - { name: two, conditions: { any: [{ fact: event.dataset, operator: in, value: [payments, waf] }, { fact: kind, operator: equal, value: b }] } }
correlation: { type: temporal, group-by: [user], timespan: 10s }
`;

describe('the book of rules', () => {
  it('adds up the steps of a rule, and counts only running rules', () => {
    const book = openRuleBook();
    const ruleset = rulesOf(countRule('one', 'gte: 2'), twoSteps, countRule('asleep', 'gte: 2', 'status: off'));
    const counts = book.of(ruleset);
    expect(book.of(ruleset)).toBe(counts);
    expect(counts.matched).toHaveLength(3);
    counts.matched[0]! += 5; // one
    counts.matched[1]! += 2; // pair, step by step
    counts.matched[2]! += 3;
    counts.add('alerts', 'pair', 2);
    counts.add('errors', 'unheard-of', 1);
    const nothing = { matchSeconds: 0, evaluations: 0, seconds: 0, alerts: 0, muted: 0, errors: 0 };
    const expected = { one: { ...nothing, matches: 5 }, pair: { ...nothing, matches: 5, alerts: 2 } };
    expect(Object.fromEntries(book.totals())).toEqual(expected);
    expect(Object.fromEntries(book.totals())).toEqual(expected);
  });

  it('keeps the counts of rules that stay, drops those that are gone, and still counts batches of the previous set', () => {
    const book = openRuleBook();
    const before = book.of(rulesOf(countRule('gone', 'gte: 2'), countRule('stays', 'gte: 2')));
    before.matched.fill(7);
    const after = book.of(rulesOf(countRule('new', 'gte: 2'), countRule('stays', 'gte: 3')));
    before.matched[1]! += 1; // a batch that began before the change
    after.matched.fill(2);
    const matches = [...book.totals()].map(([id, { matches: counted }]) => [id, counted]);
    expect(matches).toEqual([
      ['new', 2],
      ['stays', 10],
    ]);
  });
});

it('lists as sources the values that running rules compare event.dataset with, without those they exclude', () => {
  const excluded = `
id: others
conditions: { all: [{ fact: kind, operator: equal, value: a }, { not: { fact: event.dataset, operator: equal, value: noise } }] }
`;
  const asleep = `
id: asleep
status: draft
conditions: { all: [{ fact: event.dataset, operator: equal, value: later }] }
`;
  expect(sourcesOf(rulesOf(twoSteps, excluded, asleep))).toEqual(['logins', 'payments', 'waf']);
});
