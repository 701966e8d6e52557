/**
 * Conditions → closures over a View's slots. No source text is generated: rule texts are values that closures hold.
 *
 * A part that several rules share is numbered, and evaluated once per event through View.once. A bare comparison
 * with a constant is not: looking up the answer costs as much as comparing again.
 */
import type { Predicate } from '../../core/rule.ts';
import { boundTest } from './bound-test.ts';
import type { Condition, TestCondition } from './condition.ts';
import { chainTest } from './operators.ts';

/** How dear a condition is, roughly in comparisons: cheap parts of an `all` or `any` are asked first. */
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

  /** Tells that the condition will be needed; all are told before the first predicate is made. */
  expect(condition: Condition): void {
    const uses = (this.#uses.get(condition) ?? 0) + 1;
    this.#uses.set(condition, uses);
    if (uses === 1 && condition.kind !== 'test') condition.of.forEach((each) => this.expect(each));
  }

  /** Predicates that are shared: how many answers a View has to hold. */
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

  /** The predicate for events in which `known` holds already: what the index has found is not asked again. */
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
    // Two missing fields are not equal, nor anything else.
    return (fact !== undefined || value !== undefined) && compared(fact, value);
  };
}
