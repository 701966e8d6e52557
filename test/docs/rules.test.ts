/** Every rule and mapping in the documentation compiles, and the tests of rules pass. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../engine/compile/index.ts';
import { problemCodes } from '../../engine/compile/source/problem-codes.ts';
import { limits } from '../../engine/core/limits.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { runRuleTests, type RuleTestResult } from '../../engine/runtime/rules/rule-tests.ts';
import { fencesOf, pages } from './markdown.ts';

const fences = pages.flatMap(fencesOf);
const of = (word: string) => fences.filter(({ words }) => words[0] === word);
const at = ({ page, line }: { page: string; line: number }): string => `${page}:${line}`;

test('every YAML example says what it is, except those of rule problems, which have their own test', () => {
  const untold = fences.filter(
    ({ page, language, words }) =>
      language === 'yaml' && page !== 'docs/rule-problems.md' && !['rule', 'dataset', 'webhooks'].includes(words[0] ?? ''),
  );
  expect(untold.map(at)).toEqual([]);
  expect(problemCodes.length).toBeGreaterThan(0);
});

describe('rules', () => {
  test.each(of('rule').map((fence) => ({ ...fence, at: at(fence) })))('$at', async ({ page, language, text }) => {
    const { ruleset, problems } = compile([{ path: `${page}.${language}`, text }]);
    const results: RuleTestResult[] = [];
    for await (const result of runRuleTests(ruleset, replayStores, { latenessMs: limits.latenessMs })) results.push(result);
    // Rules in json-rules-engine's own form have no tests.
    expect(problems.filter(({ code }) => language === 'yaml' || code !== 'no-tests')).toEqual([]);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    if (language === 'yaml') expect(results.length).toBeGreaterThan(0);
  });
});

describe('mappings', () => {
  test.each(of('dataset').map((fence) => ({ ...fence, at: at(fence) })))('$at', ({ text }) => {
    const { ruleset, problems } = compile([{ path: 'rules/datasets/example.yaml', text }]);
    expect(problems).toEqual([]);
    expect(ruleset.datasets.byName.size).toBe(1);
  });
});
