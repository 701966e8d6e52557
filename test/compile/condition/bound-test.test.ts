/** The cost of an event does not grow with the number of a condition's values times its own: they are looked up, or limited. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { boundTest, isLookedUp, simplified } from '../../../engine/compile/condition/bound-test.ts';
import { chainTest, splitChain } from '../../../engine/compile/condition/operators.ts';
import { limits } from '../../../engine/core/limits.ts';
import { compileText, findings, problemOf } from '../../support/compiled.ts';

const short = (operator: string): string => {
  const { decorators, base } = simplified(splitChain(operator));
  return [...decorators, base].join(':');
};

test.each([
  ['someValue:equal', 'in'],
  ['someFact:someValue:equal', 'someFact:in'],
  ['everyFact:someValue:swap:equal', 'everyFact:in'],
  ['not:someValue:not:notEqual', 'notIn'],
  ['not:everyValue:notEqual', 'in'],
  ['someFact:everyValue:not:equal', 'someFact:notIn'],
  ['swap:everyValue:notEqual', 'swap:everyValue:notEqual'],
  ['someValue:notEqual', 'someValue:notEqual'],
  ['not:inCidr', 'not:inCidr'],
  ['someValue:startsWith', 'someValue:startsWith'],
])('%s simplifies to %s', (operator, expected) => {
  expect(short(operator)).toBe(expected);
});

const value = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, 0, 1, '0', 'a', '10.0.0.1', '10.1.2.3', '::1'),
  fc.integer({ max: 9 }),
);
const fact = fc.oneof(value, fc.array(value, { maxLength: 5 }));
const decorated = (words: readonly string[], base: readonly string[]) =>
  fc
    .tuple(fc.array(fc.constantFrom('not', 'someFact', 'everyFact'), { maxLength: 2 }), fc.constantFrom(...words), fc.constantFrom(...base))
    .map((parts) => parts.flat().join(':'));

test('looking values up gives the same result as comparing them one by one', () => {
  const scalars = decorated(['someValue', 'everyValue', 'someValue:not', 'everyValue:not', 'not:someValue'], ['equal', 'notEqual']);
  const networks = decorated(['someValue', 'everyValue'], ['inCidr', 'notInCidr']);
  const network = fc.constantFrom('10.0.0.0/8', '10.0.0.1', '::/64', '192.168.0.0/16');
  const conditions = fc.oneof(
    fc.tuple(scalars, fc.array(value, { maxLength: 9 }) as fc.Arbitrary<unknown[]>),
    fc.tuple(networks, fc.array(fc.oneof(network, fc.array(network, { maxLength: 3 })), { maxLength: 4 }) as fc.Arbitrary<unknown[]>),
  );
  let held = 0;
  fc.assert(
    fc.property(conditions, fact, ([operator, constant], tested) => {
      const chain = splitChain(operator);
      const expected = chainTest(chain)(tested, constant);
      expect([operator, boundTest(chain, constant)(tested)]).toEqual([operator, expected]);
      if (expected) held++;
    }),
    { numRuns: 5_000 },
  );
  expect(held).toBeGreaterThan(500);
});

/** The number of set lookups that the test makes. */
function lookupsOf(run: () => boolean): number {
  let lookups = 0;
  const spy = vi.spyOn(Set.prototype, 'has').mockImplementation(function (this: Set<unknown>, sought: unknown) {
    lookups++;
    return [...this.keys()].includes(sought);
  });
  const held = run();
  spy.mockRestore();
  expect(held).toBe(false);
  return lookups;
}

test.each<[string, (n: number) => string, string]>([
  ['someFact:someValue:equal', (n) => `v${n}`, 'w'],
  ['not:everyFact:everyValue:notEqual', (n) => `v${n}`, 'w'],
  ['someFact:someValue:inCidr', (n) => `10.0.0.${n}`, '192.0.2.1'],
])('%s looks up each value of an event once, however many values the condition has', (operator, text, other) => {
  const bound = boundTest(
    splitChain(operator),
    Array.from({ length: 200 }, (_, n) => text(n)),
  );
  expect(lookupsOf(() => bound(Array.from({ length: 50 }, () => other)))).toBe(50);
});

test('networks are looked up once per prefix length', () => {
  const bound = boundTest(
    splitChain('someFact:inCidr'),
    Array.from({ length: 200 }, (_, n) => `10.0.${n}.0/${n % 2 === 0 ? 24 : 25}`),
  );
  expect(lookupsOf(() => bound(['192.0.2.1', '192.0.2.2', '::1']))).toBe(4);
});

test('an event with 30,000 values can be tested against a condition with 300,000', () => {
  const values = Array.from({ length: 300_000 }, (_, n) => `v${n}`);
  const others = Array.from({ length: 30_000 }, () => 'w');
  const found = boundTest(splitChain('someFact:someValue:equal'), values);
  expect([found(others), found([...others, values.at(-1)])]).toEqual([false, true]);
  expect(boundTest(splitChain('everyFact:someValue:equal'), values)(values.slice(-30_000))).toBe(true);
});

test('the index finds a rule through the values of someValue:equal', () => {
  const rule = (n: number): string =>
    `{ id: r${n}, conditions: { all: [ { fact: a, operator: "someValue:equal", value: [x${n}, y${n}] } ] } }`;
  const { ruleset } = compileText(Array.from({ length: 100 }, (_, n) => `- ${rule(n)}\n`).join(''));
  const tried: string[] = [];
  const view = ruleset.view().load({ id: 'e', time: 0, dataset: '', raw: { a: 'y7' }, mapped: undefined, tags: [] });
  ruleset.time(
    view,
    () => 0,
    ({ id }) => void tried.push(id),
  );
  expect(tried).toEqual(['r7']);
});

test.each([
  'someValue:startsWith',
  'everyValue:lessThan',
  'someFact:someValue:contains',
  'swap:in',
  'swap:swap:in',
  'not:someValue:notEqual',
])('%s: too many values are an error that names the limit', (operator) => {
  const list = (count: number): string => JSON.stringify(Array.from({ length: count }, (_, n) => `${n}`));
  const text = (count: number): string => `id: r\nconditions: { all: [ { fact: a, operator: "${operator}", value: ${list(count)} } ] }\n`;
  expect(findings(compileText(text(limits.conditionValuesMax)))).toEqual([expect.stringContaining('too-many-values')]);
  expect(findings(compileText(text(limits.conditionValuesMax - 1)))).toEqual([]);
  expect(problemOf(compileText(text(5_000)), 'too-many-values').message).toContain('the limit is 1000');
});

test.each(['in', 'not:notIn', 'everyFact:notInCidr', 'not:someFact:someValue:inCidr', 'someFact:someValue:equal'])(
  '%s has no limit',
  (operator) => {
    expect(isLookedUp(splitChain(operator))).toBe(true);
  },
);
