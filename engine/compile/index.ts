/**
 * compile/: text → { ruleset, problems }.
 *
 *     documents, yaml, node     files → trees with positions
 *     identity, claims          which rule has which id
 *     native, steps, correlation, suppress, message, rule-tests, sigma      trees → rules
 *     read-conditions, constants, operators, paths, condition      conditions, checked
 *     predicate, equality-index, assemble, full-scan               what runs per event
 *     datasets                  mapping files
 *     feeds                     the feeds that the rules expect
 *     explain                   why a rule does or does not match
 */
export { compile, type Compiled, type CompileOptions } from './compile.ts';
export type { SourceFile } from './source/documents.ts';
export { explain, type ExplainedCondition, type ExplainedStep, type Explanation } from './explain.ts';
export { fullScan, matchersOf, runs } from './ruleset/full-scan.ts';
export { sourcesOf } from './ruleset/feeds.ts';
