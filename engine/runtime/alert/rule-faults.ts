/** A rule that throws affects only itself: its result is left out, the fault is counted and reported, and the other rules continue. */
import type { Rule } from '../../core/rule.ts';
import type { Meter } from '../metering/meter.ts';
import type { RuleCounts } from '../metering/rule-counts.ts';

export type FaultDeps = {
  readonly meter: Meter;
  readonly counts: RuleCounts;
  /** Called with the rule that threw, and with what it threw. */
  readonly onRuleFault: (ruleId: string, fault: unknown) => void;
};

/** Runs work on behalf of a rule. Counts and reports what it throws. */
export function isolateFault({ meter, counts, onRuleFault }: FaultDeps, { id }: Rule, work: () => void): void {
  try {
    work();
  } catch (fault) {
    meter.add('ruleFaults');
    counts.add('errors', id, 1);
    onRuleFault(id, fault);
  }
}
