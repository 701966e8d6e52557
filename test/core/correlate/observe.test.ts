/** Groups, observations and hashes: what must be equal, and what must never be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../engine/core/event.ts';
import { groupsOf, keyText } from '../../../engine/core/correlate/group.ts';
import { eventHash, tupleText, valueHash } from '../../../engine/core/util/hash.ts';
import { TargetCache } from '../../../engine/core/correlate/target.ts';
import { limits } from '../../../engine/core/limits.ts';
import { groupHashOf } from '../../../engine/core/correlate/target.ts';
import { observer } from '../../../engine/core/correlate/observe.ts';
import { numeric } from '../../../engine/core/correlate/read-values.ts';
import { listing, type Append } from '../../support/appends.ts';
import { rulesOf } from '../../support/rules.ts';

const rules = rulesOf(`
id: pairs
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
correlation: { type: value_count, group-by: [user, host], timespan: 10s, condition: { field: card, gte: 2 } }
---
id: sums
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
correlation: { type: value_sum, group-by: [user], timespan: 10s, condition: { field: amount, gte: 2 } }
`);
const rule = rules.byId.get('pairs')!;
const view = rules.view();
const eventOf = (raw: object): Event => ({ id: 'i', time: 1, dataset: 'd', raw: raw as Event['raw'], mapped: undefined, tags: [] });

const observers = { pairs: observer(rule, 0, new TargetCache()), sums: observer(rules.byId.get('sums')!, 0, new TargetCache()) };

function observed(raw: object, by: keyof typeof observers = 'pairs'): readonly Append[] {
  const out = listing();
  out.of(1, eventHash('d', 'i'), { shard: 0, ms: 1, seq: 0, index: 0 });
  observers[by](view.load(eventOf({ kind: 'a', ...raw })), out);
  return out.appends;
}
const groups = (raw: object): string[] => groupsOf(view.load(eventOf(raw)), rule.steps[0]!.groupBy).map((group) => group.join('/'));

describe('groups', () => {
  it('compare values as text: numbers, booleans, and letters in one Unicode form', () => {
    expect(groups({ user: 42, host: true })).toEqual(groups({ user: '42', host: 'true' }));
    expect(groups({ user: 'e\u0301', host: 'h' })).toEqual(groups({ user: '\u00e9', host: 'h' }));
    expect(groups({ user: '\ud800', host: 'h' })).toEqual(groups({ user: '\ufffd', host: 'h' }));
  });

  it.each([[undefined], [null], [''], [{}], [[]], [[null, '']], [Number.NaN]])('take no part without a value: %j', (user) => {
    expect(groups({ user, host: 'h' })).toEqual([]);
  });

  it('count the members of arrays once each, and their product up to its bound', () => {
    expect(groups({ user: ['a', 'b', 'a'], host: ['x', 'y'] })).toEqual(['a/x', 'a/y', 'b/x', 'b/y']);
    const many = Array.from({ length: 100 }, (_, n) => `m${n}`);
    expect(groups({ user: many, host: many })).toHaveLength(limits.groupsPerEventMax);
  });

  it('differ however their texts are split', () => {
    const cut = fc.array(fc.string(), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(cut, cut, (a, b) => void expect(groupHashOf(a) === groupHashOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b))),
    );
    fc.assert(fc.property(cut, cut, (a, b) => void expect(tupleText(a) === tupleText(b)).toBe(JSON.stringify(a) === JSON.stringify(b))));
  });

  it('are normalised once: normalising a key again gives the same key', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expect(keyText(keyText(text))).toBe(keyText(text))));
  });
});

describe('observations', () => {
  it('are one for each group and distinct value, each with its index', () => {
    const out = observed({ user: ['a', 'b'], host: 'h', card: ['c1', 'c2', 'c1', null] });
    expect(out.map(({ target, entry }) => [target.group[0], entry.index, entry.value])).toEqual([
      ['a', 0, valueHash('c1')],
      ['a', 1, valueHash('c2')],
      ['b', 0, valueHash('c1')],
      ['b', 1, valueHash('c2')],
    ]);
  });

  it('of one event are bounded', () => {
    const many = Array.from({ length: 2 * limits.valuesPerEventMax }, (_, n) => n);
    expect(observed({ user: 'a', host: 'h', card: many.map((n) => `c${n}`) })).toHaveLength(limits.valuesPerEventMax);
    expect(observed({ user: 'a', amount: many }, 'sums')).toHaveLength(limits.valuesPerEventMax);
  });

  it('do not exist without a group or a value', () => {
    expect([observed({ user: 'a', card: 'c' }), observed({ user: 'a', host: 'h' })]).toEqual([[], []]);
  });

  it('read numbers as JSON writes them, and nothing else', () => {
    expect([5, '5', ' 5.50 ', '-1e3', '.5', '5.'].map(numeric)).toEqual([5, 5, 5.5, -1000, 0.5, 5]);
    expect(['', ' ', '0x10', '1_000', 'Infinity', '1e999', 'NaN', null, true, [], {}, Infinity].map(numeric)).toEqual(
      Array(12).fill(undefined),
    );
  });
});

describe('event hashes', () => {
  it('separate dataset and id, and differ for thousands of similar ids', () => {
    expect(eventHash('a', 'bc')).not.toBe(eventHash('ab', 'c'));
    const hashes = new Set<string>();
    for (let n = 0; n < 50_000; n++) hashes.add(eventHash('d', `event-${n}`)).add(eventHash(`d${n}`, 'event'));
    expect(hashes.size).toBe(100_000);
    expect([...hashes].every((hash) => hash.length === 8 && Buffer.from(hash, 'latin1').toString('latin1') === hash)).toBe(true);
  });
});
