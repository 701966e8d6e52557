/** Rules for tests, from the text that an analyst would write. */
import { compile } from '../../engine/compile/index.ts';
import type { RuleSet } from '../../engine/core/rule.ts';

/** @throws when the text has an error: a test with a broken rule tests nothing */
export function rulesOf(...texts: string[]): RuleSet {
  const { ruleset, problems } = compile(texts.map((text, i) => ({ path: `rules/${i}.yaml`, text })));
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((problem) => `${problem.line}:${problem.column} ${problem.message}`).join('\n'));
  return ruleset;
}

/** A rule that counts events of kind `a`, grouped by `user`. */
export const countRule = (id: string, condition: string, extra = ''): string => `
id: ${id}
conditions: { all: [{ fact: kind, operator: equal, value: a }] }
correlation: { type: event_count, group-by: [user], timespan: 10s, condition: { ${condition} } }
${extra}`;
