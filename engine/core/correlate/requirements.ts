/** What a rule says of its logs before any is read: what it takes for a verdict, and how far back a window looks. */
import { monotoneAggregate } from './aggregate/aggregate.ts';
import { leastCount, leastSum } from './aggregate/comparison.ts';
import type { Correlation, Rule } from '../rule.ts';

export type Gate = {
  /** A log with fewer entries cannot be fulfilled. */
  readonly minEntries: number;
  /** Bit s is set for each step s that must be in the log. An unsigned 32-bit number: limits.stepsMax is 32. */
  readonly needSteps: number;
  /**
   * For sums: values of the log below this in all cannot fulfil it. Undefined: the rule is no sum with a positive
   * least value, and its entries weigh nothing.
   */
  readonly minWeight: number | undefined;
};

export function gate(rule: Rule): Gate {
  const correlation = correlationOf(rule);
  if ('condition' in correlation) {
    const counts = correlation.kind === 'event_count' || correlation.kind === 'value_count';
    const minWeight = correlation.kind === 'value_sum' ? leastSum(correlation.condition) : undefined;
    return { minEntries: counts ? leastCount(correlation.condition) : 1, needSteps: 0, minWeight };
  }
  let minEntries = 0;
  let needSteps = 0;
  rule.steps.forEach((step, index) => {
    if (step.negative) return;
    minEntries += step.times.gte;
    needSteps = (needSteps | (1 << index)) >>> 0;
  });
  return { minEntries: Math.max(1, minEntries), needSteps, minWeight: undefined };
}

/**
 * How long before its end a window may look, ms: the timespan; in ordered sequences also how long before the first
 * event a leading `not` looks, and how long after the last one a `not` at the end waits.
 */
export function horizon(rule: Rule): number {
  const { kind, timespanMs } = correlationOf(rule);
  if (kind !== 'temporal_ordered') return timespanMs;
  const first = rule.steps.findIndex((step) => !step.negative);
  const last = rule.steps.findLastIndex((step) => !step.negative);
  let before = 0;
  let after = 0;
  rule.steps.forEach((step, index) => {
    if (index < first) before = Math.max(before, step.withinMs ?? timespanMs);
    if (index > last) after = Math.max(after, step.withinMs ?? 0);
  });
  return before + timespanMs + after;
}

/**
 * True when further entries, late ones too, never take a fulfilment away. value_sum is so only while no value is
 * negative, which only the log can tell: false here; evaluation asks the log.
 */
export function monotone(rule: Rule): boolean {
  const correlation = correlationOf(rule);
  return 'condition' in correlation ? monotoneAggregate(correlation) : rule.steps.every((step) => !step.negative);
}

/** True when the rule's verdicts wait until the lateness is over: settled ones, and absences. */
export const waitsForLateness = ({ correlation, steps }: Rule): boolean =>
  correlation?.settle === true || (correlation?.kind === 'temporal_ordered' && steps.at(-1)?.negative === true);

/** The rule's correlation; throws for a rule of single events, which has no log to judge. */
export function correlationOf(rule: Rule): Correlation {
  if (rule.correlation === undefined) throw new Error(`rule ${rule.id} has no correlation: nothing to evaluate`);
  return rule.correlation;
}
