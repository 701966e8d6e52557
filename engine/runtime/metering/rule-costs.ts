/**
 * What rules cost this process since it was last asked, read from what its loops count per rule (rule-counts.ts): the
 * time of a rule's conditions, estimated from samples, and the time of judging its windows. Told to Redis now and then
 * (redis/rule-costs.ts), so that the API can show what rules cost all workers together.
 */
import type { RuleTotals } from './rule-counts.ts';

export type Spent = { readonly match_seconds: number; readonly judge_seconds: number };

/** Of all workers together. `since`: RFC 3339. */
export type RuleCost = Spent & { readonly since: string };

/** By rule, what came on top since the last call; rules that cost nothing are left out. */
export function spending(totals: () => ReadonlyMap<string, Readonly<RuleTotals>>): () => ReadonlyMap<string, Spent> {
  let before = new Map<string, Spent>();
  return () => {
    const now = new Map(
      [...totals()].map(([id, { matchSeconds, seconds }]) => [id, { match_seconds: matchSeconds, judge_seconds: seconds }]),
    );
    const spent = new Map<string, Spent>();
    for (const [id, { match_seconds, judge_seconds }] of now) {
      const told = before.get(id);
      const added = { match_seconds: onTop(match_seconds, told?.match_seconds), judge_seconds: onTop(judge_seconds, told?.judge_seconds) };
      if (added.match_seconds > 0 || added.judge_seconds > 0) spent.set(id, added);
    }
    before = now;
    return spent;
  };
}

/** A number that fell was begun anew: its rule had been away. */
const onTop = (now: number, before: number | undefined): number => (before === undefined || now < before ? now : now - before);
