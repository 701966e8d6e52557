/** A rule that throws harms only itself: what it was about to do is left out, counted and told; the others go on (G6). */
import type { Rule } from '../../core/rule.ts';
import type { Meter } from '../metering/meter.ts';
import type { RuleCounts } from '../metering/rule-counts.ts';

export type GuardDeps = {
  readonly meter: Meter;
  readonly counts: RuleCounts;
  /** Told which rule threw what. */
  readonly onRuleFault: (ruleId: string, fault: unknown) => void;
};

export function guarded({ meter, counts, onRuleFault }: GuardDeps, { id }: Rule, work: () => void): void {
  try {
    work();
  } catch (fault) {
    meter.add('ruleFaults');
    counts.add('errors', id, 1);
    onRuleFault(id, fault);
  }
}
