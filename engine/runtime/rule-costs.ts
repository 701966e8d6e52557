/**
 * What each rule costs a worker: the time of its conditions, of which one event in `limits.costSampleEvents` is a
 * sample, and the time of judging its windows, all of it. Collected here, told to Redis now and then (redis/rule-costs.ts).
 * Bounded by the number of rules.
 */
import { limits } from '../core/limits.ts';

/** ms, since the last take. */
export type Spent = { readonly matchMs: number; readonly judgeMs: number };

/** Of all workers together. `since`: RFC 3339. */
export type RuleCost = { readonly match_seconds: number; readonly judge_seconds: number; readonly since: string };

export type RuleCosts = {
  /** A sample. */
  matched(ruleId: string, ms: number): void;
  judged(ruleId: string, ms: number): void;
  /** By rule, what was spent since the last time. */
  take(): ReadonlyMap<string, Spent>;
};

export function ruleCosts(): RuleCosts {
  let match = new Map<string, number>();
  let judge = new Map<string, number>();
  return {
    matched: (id, ms) => void match.set(id, (match.get(id) ?? 0) + ms * limits.costSampleEvents),
    judged: (id, ms) => void judge.set(id, (judge.get(id) ?? 0) + ms),
    take() {
      const ids = new Set([...match.keys(), ...judge.keys()]);
      const spent = new Map([...ids].map((id): [string, Spent] => [id, { matchMs: match.get(id) ?? 0, judgeMs: judge.get(id) ?? 0 }]));
      match = new Map();
      judge = new Map();
      return spent;
    },
  };
}
