/**
 * compile/: text → { ruleset, problems }.
 *
 *     documents, yaml, node     files → trees with positions
 *     identity, claims          which rule has which id
 *     native, steps, correlation, suppress, message, rule-tests, sigma      trees → rules
 *     conditions, constants, operators, paths, cidr, condition     conditions, checked
 *     predicate, index-equality, ruleset, scan                     what runs per event
 *     datasets                  mapping files
 *     sources                   the feeds that the rules ask for
 *     explain                   why, and why not
 */
export { compile, type Compiled, type CompileOptions } from './compile.ts';
export type { SourceFile } from './source/documents.ts';
export { explain, type ExplainedCondition, type ExplainedStep, type Explanation } from './explain.ts';
export { fullScan, matchersOf, runs } from './ruleset/full-scan.ts';
export { sourcesOf } from './ruleset/feeds.ts';
