/**
 * A condition between its text and its predicate: a tree of values in which equal parts are the same object, however many
 * rules use them. The predicate, the index, the rule's shape and the explanation are made from it.
 */
import { canonical } from '../source/node.ts';
import type { Chain } from './operators.ts';

export type Operand = { readonly constant: unknown } | { readonly fact: string; readonly path: string | undefined; readonly slot: number };

export type TestCondition = {
  readonly kind: 'test';
  /** Equal for equal conditions, in whatever rule. */
  readonly key: string;
  readonly fact: string;
  readonly path: string | undefined;
  readonly slot: number;
  /** As written: `not:someFact:equal`. */
  readonly operator: string;
  readonly chain: Chain;
  readonly operand: Operand;
};

export type GroupCondition = { readonly kind: 'all' | 'any'; readonly key: string; readonly of: readonly Condition[] };
export type NotCondition = { readonly kind: 'not'; readonly key: string; readonly of: readonly [Condition] };
export type Condition = TestCondition | GroupCondition | NotCondition;

/** Creates conditions so that equal ones are the same object. */
export class ConditionPool {
  readonly #known = new Map<string, Condition>();

  test(parts: Omit<TestCondition, 'kind' | 'key'>): Condition {
    const { operand } = parts;
    const value = 'constant' in operand ? ['=', operand.constant] : ['@', operand.slot];
    return this.#one(`t${canonical([parts.slot, parts.operator, value])}`, (key) => ({ kind: 'test', key, ...parts }));
  }

  group(kind: 'all' | 'any', of: readonly Condition[]): Condition {
    return this.#one(`${kind}(${of.map((each) => this.#number(each)).join(',')})`, (key) => ({ kind, key, of }));
  }

  not(of: Condition): Condition {
    return this.#one(`not(${this.#number(of)})`, (key) => ({ kind: 'not', key, of: [of] }));
  }

  readonly #numbers = new Map<Condition, number>();

  /** The number of a condition, used as a short key where it is nested in another. */
  #number(condition: Condition): number {
    return this.#numbers.get(condition) ?? -1;
  }

  #one(key: string, make: (key: string) => Condition): Condition {
    let known = this.#known.get(key);
    if (known === undefined) {
      known = make(key);
      this.#known.set(key, known);
      this.#numbers.set(known, this.#numbers.size);
    }
    return known;
  }
}

/** The condition's text, independent of slots and the order of keys; part of a rule's shape. */
export function conditionText(condition: Condition): string {
  if (condition.kind !== 'test') return `${condition.kind}(${condition.of.map(conditionText).join(',')})`;
  const { fact, path, operator, operand } = condition;
  const value = 'constant' in operand ? { constant: operand.constant } : { fact: operand.fact, path: operand.path };
  return canonical([fact, path ?? null, operator, value]);
}
