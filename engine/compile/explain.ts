/**
 * Explains why a rule does or does not match an event: each condition with the value it was compared with.
 *
 * json-rules-engine produces the explanation. It is too slow for the hot path, but it evaluates every condition and
 * records the value. It gets our operators under their full names (`not:someFact:equal` is one operator to it) and our
 * field lookup as facts, so that it agrees with the compiled predicate; a property test compares the two.
 */
import { Engine, Operator, type TopLevelCondition } from 'json-rules-engine';
import type { Event } from '../core/event.ts';
import { fieldPath, lookup, walk } from '../core/match/fields.ts';
import { keyTexts } from '../core/correlate/group.ts';
import type { Rule, RuleSet } from '../core/rule.ts';
import type { Step } from '../core/step.ts';
import type { Condition, TestCondition } from './condition/condition.ts';
import { chainTest } from './condition/operators.ts';
import { parsePath } from './condition/paths.ts';
import { conditionOf } from './ruleset/assemble.ts';
import { runs } from './ruleset/full-scan.ts';

export type ExplainedTest = {
  readonly kind: 'test';
  readonly held: boolean;
  readonly fact: string;
  readonly path: string | undefined;
  readonly operator: string;
  /** The field that `value` refers to; undefined for a constant. */
  readonly comparedWith: string | undefined;
  /** The constant, or the value of that other field. */
  readonly expected: unknown;
  /** Undefined: the event does not have the field. */
  readonly actual: unknown;
};
export type ExplainedGroup = { readonly kind: 'all' | 'any' | 'not'; readonly held: boolean; readonly of: readonly ExplainedCondition[] };
export type ExplainedCondition = ExplainedTest | ExplainedGroup;

export type ExplainedStep = {
  readonly name: string;
  readonly negative: boolean;
  readonly held: boolean;
  readonly condition: ExplainedCondition;
  /** The group-by fields with the event's values; an event without a value for one of them does not count. */
  readonly group: readonly { readonly name: string; readonly field: string; readonly values: readonly string[] }[];
};

export type Explanation = {
  readonly rule: Rule;
  /** Only events with the reason `matched` reach the windows. */
  readonly because: 'matched' | 'rule-not-running' | 'no-condition-held' | 'group-key-missing';
  readonly steps: readonly ExplainedStep[];
};

export async function explain(ruleset: RuleSet, rule: Rule, event: Event): Promise<Explanation> {
  const view = ruleset.view().load(event);
  const steps = await Promise.all(
    rule.steps.map(async (step): Promise<ExplainedStep> => {
      const condition = await explainStep(step, event);
      const names = rule.correlation?.groupBy ?? [];
      const group = step.groupBy.map(({ name, slot }, index) => ({
        name: names[index] ?? name,
        field: name,
        values: keyTexts(view.at(slot)),
      }));
      return { name: step.name, negative: step.negative, held: condition.held, condition, group };
    }),
  );
  return { rule, because: reason(rule, steps), steps };
}

function reason(rule: Rule, steps: readonly ExplainedStep[]): Explanation['because'] {
  const held = steps.filter((step) => step.held);
  if (held.length === 0) return 'no-condition-held';
  if (!runs(rule)) return 'rule-not-running';
  return held.some(({ group }) => group.every(({ values }) => values.length > 0)) ? 'matched' : 'group-key-missing';
}

async function explainStep(step: Step, event: Event): Promise<ExplainedCondition> {
  const condition = conditionOf(step);
  if (condition === undefined) throw new TypeError(`step "${step.name}" was not compiled here`);
  const engine = new Engine([], { allowUndefinedFacts: true, pathResolver: resolve });
  for (const test of testsOf(condition)) prepare(engine, test, event);
  // The library requires all, any or not at the root, as does a rule file.
  engine.addRule({ conditions: asLibrary(condition) as TopLevelCondition, event: { type: 'held' } });
  const { results, failureResults } = await engine.run();
  // The library records the result of the root on the rule, not on the condition.
  const { conditions } = (results[0] ?? failureResults[0])!;
  return merged(condition, { ...(conditions as Result), result: results.length > 0 });
}

function testsOf(condition: Condition): readonly TestCondition[] {
  return condition.kind === 'test' ? [condition] : condition.of.flatMap(testsOf);
}

function prepare(engine: Engine, { fact, operator, operand, chain }: TestCondition, event: Event): void {
  for (const name of 'constant' in operand ? [fact] : [fact, operand.fact]) engine.addFact(name, () => lookup(event, fieldPath(name)));
  const test = chainTest(chain);
  engine.addOperator(new Operator(operator, (a: unknown, b: unknown) => (a !== undefined || b !== undefined) && test(a, b)));
}

function resolve(value: object, path: string): unknown {
  const parsed = parsePath(path);
  return parsed.ok ? walk(value, parsed.parts) : undefined;
}

function asLibrary(condition: Condition): unknown {
  if (condition.kind === 'not') return { not: asLibrary(condition.of[0]) };
  if (condition.kind !== 'test') return { [condition.kind]: condition.of.map(asLibrary) };
  const { fact, path, operator, operand } = condition;
  const value = 'constant' in operand ? operand.constant : { fact: operand.fact, ...at(operand.path) };
  return { fact, ...at(path), operator, value };
}

const at = (path: string | undefined): { path?: string } => (path === undefined ? {} : { path });

/** What the library records on its copy of a condition. */
type Result = {
  readonly result?: boolean | undefined;
  readonly factResult?: unknown;
  readonly valueResult?: unknown;
  readonly all?: readonly Result[];
  readonly any?: readonly Result[];
  readonly not?: Result;
};

/** Our condition with the library's results: the two trees have the same shape. */
function merged(condition: Condition, result: Result): ExplainedCondition {
  const held = result.result === true;
  if (condition.kind === 'test') {
    const { fact, path, operator, operand } = condition;
    const comparedWith = 'constant' in operand ? undefined : `${operand.fact}${operand.path === undefined ? '' : ` ${operand.path}`}`;
    return { kind: 'test', held, fact, path, operator, comparedWith, expected: result.valueResult, actual: result.factResult };
  }
  const parts = condition.kind === 'not' ? [result.not!] : result[condition.kind]!;
  return { kind: condition.kind, held, of: condition.of.map((each, index) => merged(each, parts[index]!)) };
}
