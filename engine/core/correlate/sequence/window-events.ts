/**
 * How many different events a sliding window holds: one that holds fewer than its steps need is never searched for an
 * assignment. One pass over the log for all windows.
 */
import type { Entry } from '../entry.ts';
import type { Positive } from './sequence.ts';

export type WindowEvents = {
  /**
   * Different events of positive steps after that time and before that index of the log. Neither may go back from call to
   * call.
   */
  count(after: number, to: number): number;
};

export function windowEvents(log: readonly Entry[], positives: readonly Positive[]): WindowEvents {
  const steps = new Set(positives.map(({ step }) => step));
  const held = new Map<string, number>();
  let first = 0;
  let end = 0;
  return {
    count(after, to) {
      for (; end < to; end++) {
        const { id, step } = log[end]!;
        if (steps.has(step)) held.set(id, (held.get(id) ?? 0) + 1);
      }
      for (; first < end && log[first]!.time <= after; first++) {
        const { id, step } = log[first]!;
        if (!steps.has(step)) continue;
        const others = held.get(id)! - 1;
        if (others === 0) held.delete(id);
        else held.set(id, others);
      }
      return held.size;
    },
  };
}
