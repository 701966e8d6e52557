/** Trials that run in the test's own thread, without a bound on time. */
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { runTrial, type TrialContext, type TrialTask } from '../../engine/runtime/rules/trial.ts';
import type { RuleTrials } from '../../engine/runtime/rules/trials.ts';

export const trialsHere = (running: TrialContext['running']): RuleTrials => ({
  take: () => ({ run: (task) => runTrial(task, { stores: replayStores, latenessMs: 1000, running }), release: () => undefined }),
});

/** All seats are taken. */
export const noTrials: RuleTrials = { take: () => undefined };

/** A trial that takes minutes: a sequence of 31 steps over 10,000 events of one instant. */
export function endlessTrial(): TrialTask {
  const step = (name: string) => ({ name, conditions: { all: [{ fact: 'k', operator: 'equal', value: 'a' }] } });
  const steps = Array.from({ length: 31 }, (_, i) => step(`s${i}`));
  const rules = { id: 'slow', steps, correlation: { type: 'temporal_ordered', 'group-by': ['u'], timespan: '1h' } };
  const events = Array.from({ length: 10_000 }, (_, id) => ({ id: String(id), time: '2026-01-01T00:00:00Z', u: 'u', k: 'a' }));
  return { kind: 'test', body: Buffer.from(JSON.stringify({ rules, events })) };
}
