/** The observers of a rule set, one per matcher: they turn matches into observations. Used by the pipeline and by replay's threads. */
import { TargetCache, type BoundsTold } from '../../core/correlate/target.ts';
import { observer, type Observations, type Observer } from '../../core/correlate/observe.ts';
import type { Rule, Matcher, RuleSet } from '../../core/rule.ts';
import { asWindowed } from '../../core/alert/single-event.ts';
import type { View } from '../../core/match/view.ts';

export type Observers = {
  /** The rule as it runs: a single-event rule with `suppress` runs as a rule with a window. */
  effective(rule: Rule): Rule;
  /** Observes a match. @returns false when the event is an alert by itself */
  observe(matcher: Matcher, view: View, out: Observations): boolean;
};

export function observersOf(ruleset: RuleSet, onBound?: BoundsTold): Observers {
  const running = new Map<Rule, Rule>(ruleset.rules.map((rule) => [rule, asWindowed(rule)]));
  const memory = new TargetCache(onBound);
  /** Null for single-event rules. */
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
      // A single-event rule that suppresses by a field which the event lacks observes nothing: the event is an alert.
      return known !== null && (known(view, out) || rule.correlation !== undefined);
    },
  };
}
