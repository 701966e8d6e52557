/**
 * The cost of rules in this process since the last call, from the per-rule counts (rule-counts.ts): the time spent on a
 * rule's conditions, estimated from samples, and on evaluating its windows. Written to Redis at intervals
 * (redis/metering/rule-costs.ts), so that the API can show the cost over all workers.
 */
import type { RuleTotals } from './rule-counts.ts';

export type SpentTime = { readonly match_seconds: number; readonly judge_seconds: number };

/** Summed over all workers. `since`: RFC 3339. */
export type RuleCost = SpentTime & { readonly since: string };

/** The recent cost of rules, summed over all workers. On Redis: redis/metering/rule-costs.ts. */
export type RuleCosts = {
  /** Adds what this process spent since the last call. Not repeated when it fails: a repeat could count twice. */
  report(spent: ReadonlyMap<string, SpentTime>): Promise<void>;
  /** In the order of the ids. */
  read(ruleIds: readonly string[]): Promise<readonly RuleCost[]>;
};

/** Returns a function that gives the cost of each rule since its last call; rules without any are omitted. */
export function spending(totals: () => ReadonlyMap<string, Readonly<RuleTotals>>): () => ReadonlyMap<string, SpentTime> {
  let before = new Map<string, SpentTime>();
  return () => {
    const now = new Map(
      [...totals()].map(([id, { matchSeconds, seconds }]) => [id, { match_seconds: matchSeconds, judge_seconds: seconds }]),
    );
    const spent = new Map<string, SpentTime>();
    for (const [id, { match_seconds, judge_seconds }] of now) {
      const last = before.get(id);
      const added = {
        match_seconds: increase(match_seconds, last?.match_seconds),
        judge_seconds: increase(judge_seconds, last?.judge_seconds),
      };
      if (added.match_seconds > 0 || added.judge_seconds > 0) spent.set(id, added);
    }
    before = now;
    return spent;
  };
}

/** A total that fell was restarted: its rule had been removed in between. */
const increase = (now: number, before: number | undefined): number => (before === undefined || now < before ? now : now - before);
