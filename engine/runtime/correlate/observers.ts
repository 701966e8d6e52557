/** Which rules of a set observe, as what, and what observes for each matcher: for the pipeline, and for the threads of replay. */
import { TargetCache, type BoundsTold } from '../../core/correlate/target.ts';
import { observer, type Observations, type Observer } from '../../core/correlate/observe.ts';
import type { Rule, Matcher, RuleSet } from '../../core/rule.ts';
import { asWindowed } from '../../core/alert/single-event.ts';
import type { View } from '../../core/match/view.ts';

export type Observers = {
  /** The rule as it runs: a rule of single events that mutes runs as one with a window. */
  effective(rule: Rule): Rule;
  /** Observes what matched. @returns false when the event is an alert by itself */
  observe(matcher: Matcher, view: View, out: Observations): boolean;
};

export function observersOf(ruleset: RuleSet, told?: BoundsTold): Observers {
  const running = new Map<Rule, Rule>(ruleset.rules.map((rule) => [rule, asWindowed(rule)]));
  const memory = new TargetCache(told);
  /** Null where the rule is of single events. */
  const byMatcher: (Observer | null | undefined)[] = [];
  const effective = (rule: Rule): Rule => running.get(rule)!;
  return {
    effective,
    observe({ rule, step, matcher }, view, out) {
      let known = byMatcher[matcher];
      if (known === undefined) {
        const runs = effective(rule);
        byMatcher[matcher] = known = runs.correlation === undefined ? null : observer(runs, step, memory);
      }
      // A rule of single events that mutes by a field which the event lacks: nothing mutes it.
      return known !== null && (known(view, out) || rule.correlation !== undefined);
    },
  };
}
