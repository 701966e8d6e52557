/** With thousands of rules, only those that could match are evaluated, and shared conditions once. */
import { expect, test } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { event, matchedIds } from '../../support/compiled.ts';

/** Counts how often each field of an event is read. */
function counting(raw: Record<string, unknown>): { raw: Record<string, unknown>; reads: Map<string, number> } {
  const reads = new Map<string, number>();
  const note = (key: string | symbol): void => void reads.set(String(key), (reads.get(String(key)) ?? 0) + 1);
  const proxy = new Proxy(raw, {
    getOwnPropertyDescriptor(target, key) {
      note(key);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
  return { raw: proxy, reads };
}

const compiled = (rules: readonly object[]) => compile([{ path: 'r.json', text: JSON.stringify(rules) }]).ruleset;
const eq = (fact: string, value: unknown) => ({ fact, operator: 'equal', value });

test('of 3,000 rules for one feed, only the one with the action of the event is evaluated', () => {
  const rules = Array.from({ length: 3_000 }, (_, n) => ({
    id: `r${n}`,
    conditions: { all: [eq('kind', 'process'), eq('action', `a${n}`), { fact: `own-${n}`, operator: 'exists', value: true }] },
  }));
  const ruleset = compiled(rules);
  const { raw, reads } = counting({ kind: 'process', action: 'a1234', 'own-1234': 1 });
  expect(ruleset.match(ruleset.view().load(event(raw))).map(({ rule }) => rule.id)).toEqual(['r1234']);
  expect([...reads].filter(([key]) => key.startsWith('own-'))).toEqual([['own-1234', 1]]);
  expect(reads.get('kind')).toBe(1);
});

test('a rule with alternatives is found through each of their fields, and matches once', () => {
  const ruleset = compiled([
    { id: 'r', conditions: { any: [eq('a', 1), eq('b', 2), { all: [eq('c', 3), eq('d', 4)] }] } },
    { id: 's', conditions: { not: eq('a', 1) } },
  ]);
  expect(matchedIds(ruleset, { a: 1, b: 2, c: 3, d: 4 })).toEqual(['r']);
  expect(matchedIds(ruleset, { c: 3, d: 4 })).toEqual(['r', 's']);
  expect(matchedIds(ruleset, { c: 3 })).toEqual(['s']);
});

test('the index is strict about types, including null', () => {
  const values = [5, '5', true, 'true', null, 0, ''];
  const ruleset = compiled(values.map((value, n) => ({ id: `r${n}`, conditions: { all: [eq('a', value)] } })));
  for (const [n, value] of values.entries()) expect(matchedIds(ruleset, { a: value })).toEqual([`r${n}`]);
  for (const raw of [{}, { a: [5] }, { a: {} }, { a: false }]) expect(matchedIds(ruleset, raw)).toEqual([]);
  expect(matchedIds(ruleset, { a: -0 })).toEqual(['r5']);
});

test('a condition that many rules share is evaluated once per event', () => {
  // `swap:in` calls indexOf of the event's own array, once for each evaluation.
  const shared = { fact: 'list', operator: 'swap:in', value: 'x' };
  const ruleset = compiled(
    Array.from({ length: 50 }, (_, n) => ({ id: `r${n}`, conditions: { all: [shared, { fact: 'n', operator: 'lessThan', value: n }] } })),
  );
  let evaluations = 0;
  const list = ['x'];
  Object.defineProperty(list, 'indexOf', {
    value: (sought: unknown) => {
      evaluations++;
      return Array.prototype.indexOf.call(['x'], sought);
    },
  });
  const view = ruleset.view();
  expect(ruleset.match(view.load(event({ list, n: 20 })))).toHaveLength(29);
  expect(evaluations).toBe(1);
  expect(ruleset.match(view.load(event({ list: ['y'], n: 20 })))).toHaveLength(0);
  expect(ruleset.match(view.load(event({ list, n: 20 })))).toHaveLength(29);
  expect(evaluations).toBe(2);
});

test('hostile text in a rule never becomes code', () => {
  const hostile = '`);process.exit(1)//${process.exit(1)}\u2028';
  const ruleset = compiled([
    {
      id: 'r',
      title: hostile,
      description: hostile,
      message: hostile,
      conditions: { all: [eq(hostile, hostile), { fact: hostile, operator: 'startsWith', value: hostile }] },
    },
  ]);
  expect(matchedIds(ruleset, { [hostile]: hostile })).toEqual(['r']);
});
