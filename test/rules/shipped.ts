/** The shipped rules, compiled as the engine compiles them, and the results of their tests. */
import { join, resolve } from 'node:path';
import { compile, type Compiled } from '../../engine/compile/index.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import type { Rule, RuleSet } from '../../engine/core/rule.ts';
import { readRuleFolder } from '../../engine/runtime/rules/folder.ts';
import { runRuleTests, type RuleTestResult } from '../../engine/runtime/rules/rule-tests.ts';

export const root = resolve(import.meta.dirname, '../..');

export async function shipped(): Promise<Compiled> {
  const folder = await readRuleFolder(join(root, 'rules'));
  const compiled = compile(folder.files);
  return { ...compiled, problems: [...folder.problems, ...compiled.problems] };
}

export async function resultsOf(ruleset: RuleSet): Promise<RuleTestResult[]> {
  const results: RuleTestResult[] = [];
  for await (const result of runRuleTests(ruleset, replayStores)) results.push(result);
  return results;
}

/** Whether all tests of the rule pass when it is replaced by another. */
export async function stillPasses(ruleset: RuleSet, mutant: Rule): Promise<boolean> {
  const results = await resultsOf({ ...ruleset, rules: [mutant] });
  return results.every(({ passed }) => passed);
}
