/**
 * The operators of conditions as functions of (fact, value), for any two JSON values or undefined. None throws.
 *
 * They mean what they mean in json-rules-engine, including the coercions of `<`, with the differences that
 * docs/conditions.md lists: texts contain texts, `in` without a list is false, null is not a number. Decorators wrap as in
 * the library: `not:someFact:equal` is not(someFact(equal)).
 */
import { inNetworks, networksOf } from '../../core/util/cidr.ts';

export type Test = (fact: unknown, value: unknown) => boolean;

/** What the constant of a condition must be for the operator; checked at load. */
export type ValueKind = 'any' | 'list' | 'orderable' | 'text' | 'networks' | 'boolean';

export type Operator = { readonly test: Test; readonly value: ValueKind };

const compare =
  (holds: (a: number, b: number) => boolean): Test =>
  (fact, value) => {
    if (typeof fact === 'number' && typeof value === 'number') return holds(fact, value);
    if (value === null || value === undefined) return false;
    try {
      // The library's check, and JavaScript's comparison of values of different types; a hostile toString throws.
      return Number.parseFloat(fact as string).toString() !== 'NaN' && holds(fact as number, value as number);
    } catch {
      return false;
    }
  };

const startsWith: Test = (fact, value) => typeof fact === 'string' && typeof value === 'string' && fact.startsWith(value);
const endsWith: Test = (fact, value) => typeof fact === 'string' && typeof value === 'string' && fact.endsWith(value);

function contains(fact: unknown, value: unknown): boolean {
  if (Array.isArray(fact)) return fact.indexOf(value) > -1;
  return typeof fact === 'string' && typeof value === 'string' && fact.includes(value);
}

export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['equal', { value: 'any', test: (fact, value) => fact === value }],
  ['notEqual', { value: 'any', test: (fact, value) => fact !== value }],
  ['in', { value: 'list', test: (fact, value) => Array.isArray(value) && value.indexOf(fact) > -1 }],
  ['notIn', { value: 'list', test: (fact, value) => !Array.isArray(value) || value.indexOf(fact) === -1 }],
  ['contains', { value: 'any', test: contains }],
  ['doesNotContain', { value: 'any', test: (fact, value) => (Array.isArray(fact) || typeof fact === 'string') && !contains(fact, value) }],
  ['lessThan', { value: 'orderable', test: compare((a, b) => a < b) }],
  ['lessThanInclusive', { value: 'orderable', test: compare((a, b) => a <= b) }],
  ['greaterThan', { value: 'orderable', test: compare((a, b) => a > b) }],
  ['greaterThanInclusive', { value: 'orderable', test: compare((a, b) => a >= b) }],
  ['startsWith', { value: 'text', test: startsWith }],
  ['endsWith', { value: 'text', test: endsWith }],
  ['inCidr', { value: 'networks', test: (fact, value) => inNetworks(fact, networksOf(value)) }],
  ['notInCidr', { value: 'networks', test: (fact, value) => fact !== undefined && !inNetworks(fact, networksOf(value)) }],
  ['exists', { value: 'boolean', test: (fact, value) => (fact !== undefined) === value }],
]);

/** Operators planned for a later version: they have a problem code of their own. */
export const laterOperators: readonly string[] = ['matches', 'inList', 'notInList'];

export type Decorator = (next: Test) => Test;

export const decorators: ReadonlyMap<string, Decorator> = new Map<string, Decorator>([
  ['someFact', (next) => (fact, value) => Array.isArray(fact) && fact.some((member) => next(member, value))],
  ['everyFact', (next) => (fact, value) => Array.isArray(fact) && fact.every((member) => next(member, value))],
  ['someValue', (next) => (fact, value) => Array.isArray(value) && value.some((member) => next(fact, member))],
  ['everyValue', (next) => (fact, value) => Array.isArray(value) && value.every((member) => next(fact, member))],
  ['swap', (next) => (fact, value) => next(value, fact)],
  ['not', (next) => (fact, value) => !next(fact, value)],
]);

/** `not:someFact:equal` taken apart, outermost first. */
export type Chain = { readonly decorators: readonly string[]; readonly base: string };

export function splitChain(operator: string): Chain {
  const words = operator.split(':');
  const base = words.pop()!;
  return { decorators: words, base };
}

/** The whole chain as one test of two values. */
export function chainTest(chain: Chain): Test {
  const base = operators.get(chain.base)!.test;
  return chain.decorators.reduceRight((next, name) => decorators.get(name)!(next), base);
}
