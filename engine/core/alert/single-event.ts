/**
 * Turns a single-event rule with suppression into a window rule: "1 event in 1 ms", grouped by `suppress.by`. So
 * suppression, counts and repeats work as for every other rule, without code of their own.
 */
import type { Rule } from '../rule.ts';

/** The rule as the worker loop runs it. With a suppression time of 0, it stays a single-event rule. */
export function asWindowed(rule: Rule): Rule {
  const { suppress } = rule;
  if (rule.correlation !== undefined || suppress === undefined || suppress.forMs === 0) return rule;
  const steps = rule.steps.map((step) => ({ ...step, groupBy: suppress.by }));
  return {
    ...rule,
    steps,
    correlation: {
      kind: 'event_count',
      groupBy: suppress.by.map((field) => field.name),
      timespanMs: 1,
      settle: false,
      fields: [],
      condition: [{ op: 'gte', value: 1 }],
      single: true,
    },
  };
}

/** Whether asWindowed() made this rule from a single-event rule. */
export const isSingle = ({ correlation }: Rule): boolean => correlation !== undefined && 'single' in correlation;
