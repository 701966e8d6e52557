/** Generated conditions and events, with few names and values, so that they often match. */
import fc from 'fast-check';
import type { Event, JsonObject } from '../../../engine/core/event.ts';
import { operators } from '../../../engine/compile/condition/operators.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export const facts = [
  'status',
  'user',
  'user.id',
  'card',
  'amount',
  'ip',
  'tags',
  'nested',
  'nested.list',
  'absent',
  '__proto__',
  'event.dataset',
];
const paths = ['id', '$.id', '$.list', 'list[0]', '[0]', '[1].id', '$.constructor', 'length'];

const text = fc.constantFrom(
  '',
  'a',
  'ab',
  'b',
  'declined',
  '5',
  '10',
  '5x',
  '10.0.0.1',
  '10.0.0.0/8',
  '192.168.1.7',
  '::1',
  '2001:db8::1',
  'payments',
);
const number = fc.constantFrom(-1, 0, 5, 10, 10.5);
const scalar = fc.oneof({ weight: 4, arbitrary: text }, { weight: 3, arbitrary: number }, fc.boolean(), fc.constant(null));

/** Any JSON value, including those that break careless readers. */
export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: scalar as fc.Arbitrary<Json> },
    { weight: 2, arbitrary: fc.array(tie('value'), { maxLength: 3 }) as fc.Arbitrary<Json> },
    {
      weight: 1,
      arbitrary: fc.dictionary(fc.constantFrom('id', 'list', 'toString', 'valueOf', 'length', '__proto__'), tie('value'), {
        maxKeys: 3,
      }) as fc.Arbitrary<Json>,
    },
  ),
})).value;

/** Converted to JSON and back, so that `__proto__` becomes an own key, as in a real event. */
export const eventArbitrary: fc.Arbitrary<Event> = fc
  .dictionary(fc.constantFrom(...facts, 'nested', 'user'), json, { maxKeys: 8, noNullPrototype: true })
  .map((raw) => ({
    id: 'e',
    time: 0,
    dataset: 'payments',
    raw: JSON.parse(JSON.stringify(raw)) as JsonObject,
    mapped: undefined,
    tags: [],
  }));

const network = fc.constantFrom('10.0.0.0/8', '192.168.0.0/16', '::1', '2001:db8::/32', '0.0.0.0/0');

/** A constant that the operator accepts. */
function baseConstant(base: string): fc.Arbitrary<Json> {
  switch (operators.get(base)!.value) {
    case 'any':
      return json;
    case 'list':
      return fc.array(scalar as fc.Arbitrary<Json>, { maxLength: 6 });
    case 'orderable':
      return fc.oneof(number, text);
    case 'text':
      return text;
    case 'networks':
      return fc.oneof(network, fc.array(network, { maxLength: 3 }));
    case 'boolean':
      return fc.boolean();
  }
}

const decorator = fc.constantFrom('not', 'someFact', 'everyFact', 'someValue', 'everyValue', 'swap');
const chain = fc.oneof(
  { weight: 3, arbitrary: fc.constant<string[]>([]) },
  { weight: 2, arbitrary: fc.array(decorator, { minLength: 1, maxLength: 3 }) },
);

/** A constant for an operator with decorators: nested in lists for decorators that go through its members. */
function constant(decorators: readonly string[], base: string): fc.Arbitrary<Json> {
  let side = 'Value';
  let lists = 0;
  for (const each of decorators) {
    if (each === 'swap') side = side === 'Value' ? 'Fact' : 'Value';
    else if (each.endsWith(side)) lists++;
  }
  const orderable = operators.get(base)!.value === 'orderable';
  let arbitrary = side === 'Value' || orderable ? baseConstant(base) : json;
  for (; lists > 0; lists--) arbitrary = fc.array(arbitrary, { maxLength: 3 });
  return arbitrary.filter((value) => typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, 'fact'));
}

const target = fc.record({ fact: fc.constantFrom(...facts), path: fc.option(fc.constantFrom(...paths), { nil: undefined, freq: 4 }) });

const leaf: fc.Arbitrary<Json> = fc
  .tuple(target, chain, fc.constantFrom(...operators.keys()), fc.integer({ min: 0, max: 3 }))
  .chain(([on, decorators, base, kind]) => {
    const value: fc.Arbitrary<unknown> = kind === 0 && base !== 'exists' ? target : constant(decorators, base);
    return value.map((held) => JSON.parse(JSON.stringify({ ...on, operator: [...decorators, base].join(':'), value: held })) as Json);
  });

/** Equalities only: the conditions that the index uses. */
const equality: fc.Arbitrary<Json> = fc
  .tuple(fc.constantFrom('status', 'card', 'amount', 'event.dataset'), fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })))
  .map(([fact, value]) => ({ fact, operator: Array.isArray(value) ? 'in' : 'equal', value: value as Json }));

const grouped = (leaves: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.letrec<{ root: Json; part: Json }>((tie) => ({
    part: fc.oneof({ maxDepth: 3, depthSize: 'small' }, { weight: 3, arbitrary: leaves }, { weight: 1, arbitrary: tie('root') }),
    root: fc.oneof(
      fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((all): Json => ({ all })),
      fc.array(tie('part'), { minLength: 1, maxLength: 3 }).map((any): Json => ({ any })),
      tie('part').map((not): Json => ({ not })),
    ),
  })).root;

export const conditionsArbitrary = grouped(leaf);
export const indexableConditions = grouped(fc.oneof({ weight: 5, arbitrary: equality }, { weight: 1, arbitrary: leaf }));
