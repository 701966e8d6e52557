/**
 * What the loops of a process count per rule, and how long they take over it. Matches are the one thing counted per
 * event: an addition in a plain array, by the matcher's number, which is dense. Conditions are timed on samples
 * (pipeline.ts); everything else is counted per window log that was judged.
 *
 * A set that replaces another begins new arrays, and what was counted goes on under the rules' ids; rules that are gone
 * are forgotten. The loops change over one after the other, so the set before is counted too.
 */
import { matchersOf } from '../../compile/index.ts';
import type { RuleSet } from '../../core/rule.ts';

/** name: [metric, help] */
export const ruleFacts = {
  matches: ['weir_rule_matches_total', 'Events that matched a step of the rule, each step by itself.'],
  matchSeconds: ['weir_rule_match_seconds_total', 'Processor time spent on the conditions of the rule, estimated from samples.'],
  evaluations: ['weir_rule_evaluations_total', 'Window logs of the rule that were judged.'],
  seconds: ['weir_rule_evaluation_seconds_total', 'Processor time spent on judging window logs of the rule.'],
  alerts: ['weir_rule_alerts_total', 'Alerts of the rule, shadow ones included.'],
  muted: ['weir_rule_muted_windows_total', 'Fulfilled windows of the rule that raised the count of an alert instead of firing.'],
  errors: ['weir_rule_errors_total', 'Judgements of a window log at which the rule threw.'],
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
  /** Where loops that run this set count: the same for all of them. The last set asked for is the running one. */
  of(ruleset: RuleSet): RuleCounts;
  /** The running rules, in order of id. */
  totals(): ReadonlyMap<string, Readonly<RuleTotals>>;
};

export function openRuleBook(): RuleBook {
  let totals = new Map<string, RuleTotals>();
  let generations: readonly Generation[] = [];

  const add = (fact: RuleFact, ruleId: string, by: number): void => {
    const known = totals.get(ruleId);
    if (known !== undefined) known[fact] += by;
  };

  /** Takes over what stands in the arrays. */
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
