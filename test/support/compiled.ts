/** Helpers that compile a text and query the result. */
import type { Event, JsonObject } from '../../engine/core/event.ts';
import type { Problem } from '../../engine/core/problem.ts';
import type { Rule, RuleSet } from '../../engine/core/rule.ts';
import { compile, type Compiled } from '../../engine/compile/index.ts';

export const compileText = (text: string, path = 'rules/rule.yaml'): Compiled => compile([{ path, text }]);

/** The problems as `12:3 error unknown-key`, in order, without the warning about missing tests. */
export const findings = ({ problems }: Compiled): string[] =>
  problems.filter(({ code }) => code !== 'no-tests').map(({ line, column, severity, code }) => `${line}:${column} ${severity} ${code}`);

export const problemOf = (compiled: Compiled, code: string): Problem => {
  const found = compiled.problems.find((problem) => problem.code === code);
  if (found === undefined) throw new Error(`no problem ${code}, but ${JSON.stringify(compiled.problems)}`);
  return found;
};

/** The only rule of a text. @throws when the text has errors, or another number of rules */
export function onlyRule(text: string, path?: string): { rule: Rule; ruleset: RuleSet } {
  const compiled = compileText(text, path);
  const errors = compiled.problems.filter(({ severity }) => severity === 'error');
  const [rule] = compiled.ruleset.rules;
  if (rule === undefined || errors.length > 0 || compiled.ruleset.rules.length > 1) throw new Error(JSON.stringify(errors));
  return { rule, ruleset: compiled.ruleset };
}

export const event = (raw: JsonObject, more: Partial<Event> = {}): Event => ({
  id: 'e1',
  time: 0,
  dataset: 'default',
  raw,
  mapped: undefined,
  tags: [],
  ...more,
});

/** Whether a condition holds for the event. */
export function holds(condition: JsonObject, raw: JsonObject): boolean {
  const { rule, ruleset } = onlyRule(JSON.stringify({ id: 'r', conditions: { all: [condition] } }), 'rules/r.json');
  return rule.steps[0]!.predicate(ruleset.view().load(event(raw)));
}

export const matchedIds = (ruleset: RuleSet, raw: JsonObject, more: Partial<Event> = {}): string[] =>
  ruleset.match(ruleset.view().load(event(raw, more))).map(({ rule }) => rule.id);
