/**
 * Conditions → predicates, closures over a View's slots. No source code is generated: text from rules is only ever a value
 * in a closure.
 *
 * A condition that several rules share is numbered, and evaluated once per event through View.once. A simple comparison
 * with a constant is not: looking up the result costs as much as comparing again.
 *
 * What each saves of the 740 ns that an event takes in the bench `match`: shared results 70, leaving out what the index has
 * found 40, closures for up to three parts 30, cheap parts first 20.
 */
import type { Predicate } from '../../core/step.ts';
import { boundTest } from './bound-test.ts';
import type { Condition, TestCondition } from './condition.ts';
import { chainTest } from './operators.ts';

/** The cost of a condition, roughly in comparisons: cheap parts of an `all` or `any` are evaluated first. */
function weight(condition: Condition): number {
  if (condition.kind !== 'test') return condition.of.reduce((sum, each) => sum + weight(each), 1);
  const { chain, operand } = condition;
  const base = /^(?:equal|notEqual|exists|(?:less|greater)Than(?:Inclusive)?)$/.test(chain.base) ? 1 : chain.base.endsWith('Cidr') ? 8 : 3;
  return base + 4 * chain.decorators.length + ('constant' in operand ? 0 : 1);
}

export class PredicateMaker {
  readonly #uses = new Map<Condition, number>();
  readonly #made = new Map<Condition, Predicate>();
  #shared = 0;

  /** Announces a condition, to count its uses; call it for all conditions before the first `make`. */
  expect(condition: Condition): void {
    const uses = (this.#uses.get(condition) ?? 0) + 1;
    this.#uses.set(condition, uses);
    if (uses === 1 && condition.kind !== 'test') condition.of.forEach((each) => this.expect(each));
  }

  /** The number of shared predicates, which is the number of results that a View holds. */
  get shared(): number {
    return this.#shared;
  }

  make(condition: Condition): Predicate {
    let made = this.#made.get(condition);
    if (made === undefined) {
      made = this.#build(condition);
      if ((this.#uses.get(condition) ?? 0) > 1 && weight(condition) > 2) {
        const plain = made;
        const number = this.#shared++;
        made = (view) => view.once(number, plain);
      }
      this.#made.set(condition, made);
    }
    return made;
  }

  /** The predicate for events for which `known` holds: what the index has found is not evaluated again. */
  given(condition: Condition, known: Condition): Predicate {
    if (condition === known) return () => true;
    if (condition.kind !== 'all' || (this.#uses.get(condition) ?? 0) > 1) return this.make(condition);
    const rest = condition.of.filter((each) => each !== known);
    if (rest.length === condition.of.length) return every(sorted(condition.of).map((each) => this.given(each, known)));
    return every(sorted(rest).map((each) => this.make(each)));
  }

  #build(condition: Condition): Predicate {
    switch (condition.kind) {
      case 'all':
        return every(sorted(condition.of).map((each) => this.make(each)));
      case 'any':
        return some(sorted(condition.of).map((each) => this.make(each)));
      case 'not': {
        const inner = this.make(condition.of[0]);
        return (view) => !inner(view);
      }
      case 'test':
        return test(condition);
    }
  }
}

const sorted = (conditions: readonly Condition[]): Condition[] => conditions.toSorted((a, b) => weight(a) - weight(b));

function every(parts: readonly Predicate[]): Predicate {
  const [a, b, c] = parts;
  if (a === undefined) return () => true;
  if (b === undefined) return a;
  if (c === undefined) return (view) => a(view) && b(view);
  if (parts.length === 3) return (view) => a(view) && b(view) && c(view);
  return (view) => {
    for (let i = 0; i < parts.length; i++) if (!parts[i]!(view)) return false;
    return true;
  };
}

function some(parts: readonly Predicate[]): Predicate {
  const [a, b, c] = parts;
  if (a !== undefined && b === undefined) return a;
  if (a !== undefined && b !== undefined && c === undefined) return (view) => a(view) || b(view);
  return (view) => {
    for (let i = 0; i < parts.length; i++) if (parts[i]!(view)) return true;
    return false;
  };
}

function test(condition: TestCondition): Predicate {
  const { slot, chain, operand } = condition;
  if ('constant' in operand) {
    const { constant } = operand;
    if (condition.operator === 'equal') return (view) => view.at(slot) === constant;
    if (condition.operator === 'notEqual') return (view) => view.at(slot) !== constant;
    const bound = boundTest(chain, constant);
    return (view) => bound(view.at(slot));
  }
  const other = operand.slot;
  const compared = chainTest(chain);
  return (view) => {
    const fact = view.at(slot);
    const value = view.at(other);
    // Two missing fields are neither equal nor anything else.
    return (fact !== undefined || value !== undefined) && compared(fact, value);
  };
}
