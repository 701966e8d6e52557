/**
 * Evaluates conditions with json-rules-engine itself, with our field lookup as facts, our path resolver and our additional
 * operators. Where Weir differs on purpose (docs/conditions.md), the operator is wrapped here, and the wrapper records that
 * it was needed.
 */
import { createRequire } from 'node:module';
import type { Engine as EngineType, Operator as OperatorType, TopLevelCondition } from 'json-rules-engine';
import type { Event } from '../../../engine/core/event.ts';
import { fieldPath, lookup, walk } from '../../../engine/core/match/fields.ts';
import { operators as ours } from '../../../engine/compile/condition/operators.ts';
import { parsePath } from '../../../engine/compile/condition/paths.ts';
import { facts } from './condition.arbitraries.ts';

const { Engine, Operator } = createRequire(import.meta.url)('json-rules-engine') as {
  Engine: typeof EngineType;
  Operator: typeof OperatorType;
};

type Evaluating = { evaluate(fact: unknown, value: unknown): boolean };
/** The library's own map of operators; its types do not show it. */
type WithOperators = { operators: { get(name: string): Evaluating | null } };

const additional = ['startsWith', 'endsWith', 'inCidr', 'notInCidr', 'exists'];

export type Answer = { readonly held: boolean | 'threw'; readonly deviated: boolean };

/** @param deviating true: with Weir's differences; false: as the library does it */
export async function askLibrary(conditions: unknown, event: Event, deviating: boolean): Promise<Answer> {
  const engine = new Engine([], { allowUndefinedFacts: true, pathResolver: resolve });
  for (const name of additional) engine.addOperator(new Operator(name, ours.get(name)!.test));
  for (const fact of facts) engine.addFact(fact, () => lookup(event, fieldPath(fact)));
  let deviated = false;
  if (deviating) {
    const deviate = <T>(value: T): T => {
      deviated = true;
      return value;
    };
    wrapOperators(engine, deviate);
    wrapLeaves(engine, conditions, deviate);
  }
  try {
    engine.addRule({ conditions: structuredClone(conditions) as TopLevelCondition, event: { type: 'held' } });
    const { events } = await engine.run();
    return { held: events.length === 1, deviated };
  } catch {
    return { held: 'threw', deviated };
  }
}

function resolve(value: object, path: string): unknown {
  const parsed = parsePath(path);
  return parsed.ok ? walk(value, parsed.parts) : undefined;
}

type Deviate = <T>(value: T) => T;

function wrapOperators(engine: EngineType, deviate: Deviate): void {
  const native = (name: string): Evaluating => (engine as unknown as WithOperators).operators.get(name)!;
  const wrap = (name: string, instead: (fact: unknown, value: unknown, library: Evaluating) => boolean): void => {
    const library = native(name);
    engine.addOperator(new Operator(name, (fact: unknown, value: unknown) => instead(fact, value, library)));
  };
  // Texts contain texts.
  wrap('contains', (a, b, library) => (typeof a === 'string' ? deviate(typeof b === 'string' && a.includes(b)) : library.evaluate(a, b)));
  wrap('doesNotContain', (a, b, library) =>
    typeof a === 'string' ? deviate(typeof b !== 'string' || !a.includes(b)) : library.evaluate(a, b),
  );
  // Without a list.
  wrap('in', (a, b, library) => (Array.isArray(b) ? library.evaluate(a, b) : deviate(false)));
  wrap('notIn', (a, b, library) => (Array.isArray(b) ? library.evaluate(a, b) : deviate(true)));
  // Null is not a number, and nothing throws.
  for (const name of ['lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive']) {
    wrap(name, (a, b, library) => {
      if (b === null) return deviate(false);
      try {
        return library.evaluate(a, b);
      } catch {
        return deviate(false);
      }
    });
  }
  for (const [name, every] of [
    ['someValue', false],
    ['everyValue', true],
  ] as const) {
    engine.addOperatorDecorator(name, (fact: unknown, value: unknown, next) => {
      if (!Array.isArray(value)) return deviate(false);
      return every ? value.every((each) => next(fact, each)) : value.some((each) => next(fact, each));
    });
  }
}

/** If both sides are missing, the result is false, whatever the operator. */
function wrapLeaves(engine: EngineType, condition: unknown, deviate: Deviate): void {
  if (typeof condition !== 'object' || condition === null) return;
  if (Array.isArray(condition)) return condition.forEach((each) => wrapLeaves(engine, each, deviate));
  if (!('operator' in condition)) return Object.values(condition).forEach((each) => wrapLeaves(engine, each, deviate));
  const name = String(condition.operator);
  const library = (engine as unknown as WithOperators).operators.get(name)!;
  const whole = {
    name,
    evaluate: (a: unknown, b: unknown) => (a === undefined && b === undefined ? deviate(false) : library.evaluate(a, b)),
  };
  engine.addOperator(new Operator(name, whole.evaluate));
}
