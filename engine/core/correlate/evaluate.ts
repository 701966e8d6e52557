/**
 * rule × log → verdict: every window of the log that fulfils the rule, what still waits for the clock, and how far the log
 * is from another verdict. Pure: the same log, rule and moment give the same verdict.
 *
 * The kind of the correlation evaluates the log. When its windows are decided is the same for all kinds:
 *
 *     early.ts    at once, as far as the result is final
 *     settle.ts   with `settle: true`: when the lateness is over
 *     a timer     where the rule waits for an event that must not come; the kind says whether (Absence in kind.ts)
 */
import { early } from './early.ts';
import type { Entry } from './entry.ts';
import { limits } from '../limits.ts';
import { correlated, type Rule } from '../rule.ts';
import { settled } from './settle.ts';
import type { Budget, Moment, Verdict } from './verdict.ts';

/**
 * @param rule one with a correlation; throws for any other
 * @param entries the rule's log for one group, as arrange() gives it: in (time, id, step, index) order, no repeats
 */
export function evaluate(rule: Rule, entries: readonly Entry[], moment: Moment): Verdict {
  const one = correlated(rule);
  const { kind, settle } = one.correlation;
  const budget: Budget = { left: limits.searchesStepsMax };
  if (kind.absence?.waitMs(one) !== undefined) return kind.absence.evaluate(one, entries, moment, budget);
  return settle ? settled(one, entries, moment, budget) : early(one, entries, moment, budget);
}
