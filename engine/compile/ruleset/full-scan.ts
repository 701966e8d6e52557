/** The slow, obvious matcher: every step of every running rule. What the index must agree with. */
import type { Rule, Matcher, RuleSet } from '../../core/rule.ts';
import type { View } from '../../core/match/view.ts';

/** Draft and off rules do not run; shadow rules do, their alerts are kept and not forwarded. */
export const runs = (rule: Rule): boolean => rule.status === 'live' || rule.status === 'shadow';

/** Every step of the running rules, numbered from 0: in order of rules and steps. */
export function matchersOf(rules: readonly Rule[]): Matcher[] {
  return rules
    .filter(runs)
    .flatMap((rule) => rule.steps.map((_, step) => ({ rule, step })))
    .map((found, matcher) => ({ ...found, matcher }));
}

export function fullScan(ruleset: RuleSet, view: View): Matcher[] {
  return matchersOf(ruleset.rules).filter(({ rule, step }) => rule.steps[step]!.predicate(view));
}
