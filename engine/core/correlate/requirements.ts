/** What a rule requires of its logs, before any is read: what a fulfilment needs, and how far back a window looks. */
import type { Requirements } from './kind.ts';
import { correlated, type Rule } from '../rule.ts';

/** What a log must hold before it is worth evaluating. */
export function requirementsOf(rule: Rule): Requirements {
  const one = correlated(rule);
  return one.correlation.kind.requirements(one);
}

/** How far before its end a window may look, ms. */
export function horizonOf(rule: Rule): number {
  const one = correlated(rule);
  return one.correlation.kind.horizonMs(one);
}

/** True when further entries, including late ones, never undo a fulfilment, whatever the log holds. */
export function isMonotone(rule: Rule): boolean {
  const one = correlated(rule);
  return one.correlation.kind.isMonotone(one);
}

/** How long the rule waits after its last event for one that must not come, ms; undefined: it does not wait. */
export function absenceWaitMs(rule: Rule): number | undefined {
  const one = correlated(rule);
  return one.correlation.kind.absence?.waitMs(one);
}

/** True when the rule's verdicts wait until the lateness is over: settled ones, and absences. */
export const waitsForLateness = (rule: Rule): boolean => correlated(rule).correlation.settle || absenceWaitMs(rule) !== undefined;
