/**
 * Turns a single-event rule with suppression into a window rule: "1 event in 1 ms", grouped by `suppress.by`. So
 * suppression, counts and repeats work as for every other rule, without code of their own.
 */
import type { Aggregate } from '../correlate/aggregate/aggregate.ts';
import { eventCount } from '../correlate/aggregate/event-count.ts';
import type { Rule } from '../rule.ts';

/** The rule as the worker loop runs it. With a suppression time of 0, it stays a single-event rule. */
export function asWindowed(rule: Rule): Rule {
  const { suppress } = rule;
  if (rule.correlation !== undefined || suppress === undefined || suppress.forMs === 0) return rule;
  const steps = rule.steps.map((step) => ({ ...step, groupBy: suppress.by }));
  const correlation: Aggregate = {
    kind: eventCount,
    groupBy: suppress.by.map(({ name }) => name),
    timespanMs: 1,
    settle: false,
    fields: [],
    condition: [{ op: 'gte', value: 1 }],
    singleEvent: true,
  };
  return { ...rule, steps, correlation };
}

/** Whether asWindowed() made this rule from a single-event rule. */
export const isSingleEvent = ({ correlation }: Rule): boolean => correlation?.singleEvent === true;
