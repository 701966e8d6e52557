/** Compiled conditions mean what they mean in json-rules-engine, except for the differences listed in docs/conditions.md. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile, explain, fullScan } from '../../engine/compile/index.ts';
import { conditionsArbitrary, eventArbitrary, indexableConditions, json, type Json } from '../compile/condition/condition.arbitraries.ts';
import { askLibrary } from '../compile/condition/condition.oracle.ts';

const ruleset = (conditions: readonly Json[]) => {
  const rules = conditions.map((each, index) => ({ id: `r${index}`, conditions: each, tests: [{ events: [], alerts: [] }] }));
  const { ruleset: compiled, problems } = compile([{ path: 'rules.json', text: JSON.stringify(rules) }]);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  return compiled;
};

test('for 12,000 conditions and events, the compiled condition agrees with the library', async () => {
  let cases = 0;
  let undisturbed = 0;
  let held = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(conditionsArbitrary, { minLength: 8, maxLength: 8 }),
      fc.array(eventArbitrary, { minLength: 5, maxLength: 5 }),
      async (conditions, events) => {
        const compiled = ruleset(conditions);
        const view = compiled.view();
        for (const event of events) {
          view.load(event);
          for (const [index, each] of conditions.entries()) {
            const ours = compiled.byId.get(`r${index}`)!.steps[0]!.predicate(view);
            const tabled = await askLibrary(each, event, true);
            expect([ours, each, event]).toEqual([tabled.held, each, event]);
            cases++;
            if (ours) held++;
            if (tabled.deviated) continue;
            const bare = await askLibrary(each, event, false);
            expect([ours, each, event]).toEqual([bare.held, each, event]);
            undisturbed++;
          }
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(cases).toBeGreaterThanOrEqual(10_000);
  expect(undisturbed).toBeGreaterThan(cases / 2);
  expect(held).toBeGreaterThan(cases / 10);
});

test('the explanation agrees with the predicate', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(conditionsArbitrary, { minLength: 4, maxLength: 4 }), eventArbitrary, async (conditions, event) => {
      const compiled = ruleset(conditions);
      const view = compiled.view().load(event);
      for (const rule of compiled.rules) {
        const { steps, because } = await explain(compiled, rule, event);
        const held = rule.steps[0]!.predicate(view);
        expect([steps[0]!.held, because]).toEqual([held, held ? 'matched' : 'no-condition-held']);
      }
    }),
    { numRuns: 300 },
  );
});

test('no predicate throws, and each returns true or false, for any event', () => {
  const anything = fc.dictionary(
    fc.constantFrom('status', 'user', 'nested', 'amount', 'ip', 'tags', '__proto__', 'constructor'),
    fc.jsonValue(),
    { maxKeys: 8 },
  );
  fc.assert(
    fc.property(
      fc.array(conditionsArbitrary, { minLength: 5, maxLength: 20 }),
      fc.array(anything, { maxLength: 20 }),
      (conditions, raws) => {
        const compiled = ruleset(conditions);
        const view = compiled.view();
        for (const raw of raws) {
          view.load({ id: 'e', time: 0, dataset: 'd', raw, mapped: undefined, tags: [] });
          for (const { steps } of compiled.rules) expect(typeof steps[0]!.predicate(view)).toBe('boolean');
          compiled.match(view);
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('the index finds what a full scan finds, in the same order', () => {
  const statuses = fc.constantFrom('live', 'live', 'shadow', 'draft', 'off');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(indexableConditions, statuses), { minLength: 1, maxLength: 40 }),
      fc.array(eventArbitrary, { minLength: 1, maxLength: 40 }),
      (rules, events) => {
        const text = JSON.stringify(rules.map(([conditions, status], index) => ({ id: `r${index}`, status, conditions })));
        const { ruleset: compiled } = compile([{ path: 'rules.json', text }]);
        expect(compiled.rules).toHaveLength(rules.length);
        const view = compiled.view();
        for (const event of events) {
          view.load(event);
          const found = compiled.match(view).map(({ matcher }) => matcher);
          expect(found).toEqual(fullScan(compiled, view).map(({ matcher }) => matcher));
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a rule with any part replaced by any value is compiled or refused; nothing throws', () => {
  const good: Json = {
    id: 'r',
    level: 'high',
    tags: ['a'],
    steps: [
      { name: 'one', conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] }, times: { gte: 2, in: '5m' } },
      {
        name: 'two',
        conditions: { any: [{ not: { fact: 'a', path: '$.b', operator: 'inCidr', value: ['10.0.0.0/8'] } }] },
        within: '5m',
        'group-by': ['b'],
      },
    ],
    correlation: { type: 'temporal_ordered', 'group-by': ['a'], timespan: '10m' },
    suppress: { for: '1h' },
    message: '{{steps.one.a}}',
    tests: [{ name: 'x', events: [{ a: 1 }], alerts: [{ value: 1 }] }],
  };
  const places = placesIn(good).filter(({ length }) => length > 0);
  let compiledOnes = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...places),
      fc.oneof(json, fc.jsonValue() as fc.Arbitrary<Json>),
      eventArbitrary,
      (place, instead, event) => {
        const { ruleset: set, problems } = compile([{ path: 'r.json', text: JSON.stringify(replaced(good, place, instead)) }]);
        expect(problems.filter(({ code }) => code === 'internal' || code === 'unreadable')).toEqual([]);
        expect(set.rules.length === 0).toBe(problems.some(({ severity }) => severity === 'error'));
        if (set.rules.length > 0) compiledOnes++;
        set.match(set.view().load(event));
      },
    ),
    { numRuns: 2_000 },
  );
  expect(compiledOnes).toBeGreaterThan(100);
});

type Place = readonly (string | number)[];

function placesIn(value: Json, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, held]) => placesIn(held, [...at, key]))];
}

function replaced(value: Json, [key, ...rest]: Place, instead: Json): Json {
  if (key === undefined) return instead;
  const copy = structuredClone(value) as Record<string | number, Json>;
  copy[key] = replaced(copy[key]!, rest, instead);
  return copy as Json;
}
