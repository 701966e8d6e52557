/** The slow, obvious matcher: tries every step of every running rule. The index must agree with it. */
import type { Rule, Matcher, RuleSet } from '../../core/rule.ts';
import type { View } from '../../core/match/view.ts';

/** Draft and off rules do not run; shadow rules do, but their alerts are only stored, not forwarded. */
export const runs = (rule: Rule): boolean => rule.status === 'live' || rule.status === 'shadow';

/** Every step of the running rules, numbered from 0, in order of rules and steps. */
export function matchersOf(rules: readonly Rule[]): Matcher[] {
  return rules
    .filter(runs)
    .flatMap((rule) => rule.steps.map((_, step) => ({ rule, step })))
    .map((found, matcher) => ({ ...found, matcher }));
}

export function fullScan(ruleset: RuleSet, view: View): Matcher[] {
  return matchersOf(ruleset.rules).filter(({ rule, step }) => rule.steps[step]!.predicate(view));
}
