/**
 * A single-event rule that mutes is a window rule with a window of its own event: "1 event in 1 ms", grouped by
 * `suppress.by`. So its mutes, counts and repeats are those of every other rule, with nothing of their own.
 */
import type { Rule } from '../rule.ts';

/** The rule as the loop runs it. One that mutes for no time at all mutes nothing: it stays a rule of single events. */
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

/** True for a rule that asWindowed() has made of one about single events. */
export const isSingle = ({ correlation }: Rule): boolean => correlation !== undefined && 'single' in correlation;
