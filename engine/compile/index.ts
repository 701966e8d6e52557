/**
 * compile/: text → { ruleset, problems }.
 *
 *     source/       files → documents → trees with positions; typed readers over them
 *     rule/         a tree → a rule: identity, texts, suppression, tests; which rule has which id
 *     condition/    conditions, checked, and as predicates
 *     correlate/    correlations and their steps; one reader for each kind
 *     ruleset/      rules → what runs per event
 *     deliver/      webhook files
 *     datasets      mapping files
 *     explain       why a rule does or does not match
 */
export { compile, recompile, sourceOf, type Compiled, type SetSource } from './compile.ts';
export type { SourceFile } from './source/documents.ts';
export { explain, type ExplainedCondition, type ExplainedStep, type Explanation } from './explain.ts';
export { fullScan, matchersOf } from './ruleset/full-scan.ts';
export { sourcesOf } from './ruleset/feeds.ts';
