/**
 * Per-rule counts and times of the worker loops of a process. Only matches are counted per event: an addition in a plain
 * array, indexed by the matcher's number, which is dense. Conditions are timed on samples (runtime/pipeline/); everything
 * else is counted per evaluated window log.
 *
 * A new rule set gets new arrays, and totals continue under the ids of the rules; rules that are gone are dropped. The
 * loops switch to the new set one after the other, so the previous set is still counted.
 */
import { matchersOf } from '../../compile/index.ts';
import type { RuleSet } from '../../core/rule.ts';

/** name: [metric, help] */
export const ruleFacts = {
  matches: ['weir_rule_matches_total', 'Events that matched a step of the rule, counted for each step.'],
  matchSeconds: ['weir_rule_match_seconds_total', 'Processor time spent on the conditions of the rule, estimated from samples.'],
  evaluations: ['weir_rule_evaluations_total', 'Evaluations of window logs of the rule.'],
  seconds: ['weir_rule_evaluation_seconds_total', 'Processor time spent on evaluating window logs of the rule.'],
  alerts: ['weir_rule_alerts_total', 'Alerts of the rule, including shadow alerts.'],
  muted: [
    'weir_rule_muted_windows_total',
    'Suppressed windows of the rule: fulfilled, but raising the count of an existing alert instead of firing.',
  ],
  errors: ['weir_rule_errors_total', 'Evaluations of a window log in which the rule threw an error.'],
} as const;

export type RuleFact = keyof typeof ruleFacts;
export type RuleTotals = Record<RuleFact, number>;

export type RuleCounts = {
  /** By `Matcher.matcher`. */
  readonly matched: Float64Array;
  add(fact: Exclude<RuleFact, 'matches'>, ruleId: string, by: number): void;
};

type Generation = { readonly ruleset: RuleSet; readonly ruleIds: readonly string[]; readonly counts: RuleCounts };

const generationsMax = 2;
const zeros = (): RuleTotals => ({ matches: 0, matchSeconds: 0, evaluations: 0, seconds: 0, alerts: 0, muted: 0, errors: 0 });

export type RuleBook = {
  /** The counters for the loops that run this set, shared by all of them. The set last passed in is the running one. */
  of(ruleset: RuleSet): RuleCounts;
  /** Totals of the running rules, by id. */
  totals(): ReadonlyMap<string, Readonly<RuleTotals>>;
};

export function openRuleBook(): RuleBook {
  let totals = new Map<string, RuleTotals>();
  let generations: readonly Generation[] = [];

  const add = (fact: RuleFact, ruleId: string, by: number): void => {
    const known = totals.get(ruleId);
    if (known !== undefined) known[fact] += by;
  };

  /** Moves the counts from the arrays into the totals. */
  function collect(): void {
    for (const { ruleIds, counts } of generations) {
      ruleIds.forEach((id, matcher) => add('matches', id, counts.matched[matcher]!));
      counts.matched.fill(0);
    }
  }

  return {
    of(ruleset) {
      const known = generations.find((one) => one.ruleset === ruleset);
      if (known !== undefined) return known.counts;
      collect();
      const matchers = matchersOf(ruleset.rules);
      const ids = new Set(matchers.map(({ rule }) => rule.id));
      totals = new Map([...ids].map((id) => [id, totals.get(id) ?? zeros()]));
      const counts: RuleCounts = { matched: new Float64Array(matchers.length), add };
      generations = [...generations, { ruleset, ruleIds: matchers.map(({ rule }) => rule.id), counts }].slice(-generationsMax);
      return counts;
    },
    totals() {
      collect();
      return totals;
    },
  };
}
