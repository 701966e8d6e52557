/**
 * An alert told again: what it says of itself, its evidence in order of time, and what each event has to do with the
 * rule as it stands now. The conditions are shown once for each step, as the first event of that step meets them.
 */
import { explain, type ExplainedCondition } from '../../compile/index.ts';
import type { Alert } from '../../core/alert/alert.ts';
import type { Event } from '../../core/event.ts';
import type { History, HistoryEntry } from '../../core/alert/triage.ts';
import type { Rule, RuleSet } from '../../core/rule.ts';
import { asEvidence, readEvidence, ruleNow, type Evidence, type RuleNow } from '../../runtime/rules/evidence-steps.ts';
import type { Io } from '../command.ts';
import { formatAlert } from '../format/alert.ts';

export type ToldStep = { readonly name: string; readonly negative: boolean; readonly condition: ExplainedCondition | undefined };

export type ToldAlert = {
  readonly alert: Alert;
  readonly rule: RuleNow;
  readonly evidence: readonly Evidence[];
  readonly steps: readonly ToldStep[];
  readonly history: History;
};

/** An alert as the API tells it: with its history, which an alert out of a file has not. */
export type GivenAlert = Alert & { readonly history?: readonly HistoryEntry[]; readonly history_dropped?: number };

/** @param ruleset undefined: it is not known which rules run */
export async function explainAlert(
  alert: GivenAlert,
  { ruleset, dataset }: { ruleset: RuleSet | undefined; dataset: string | undefined },
  io: Io,
): Promise<void> {
  const found = await tell(alert, ruleset, dataset);
  if (!io.json) return io.print(formatAlert(found, io.color.stdout).join('\n'));
  await io.print(JSON.stringify({ alert, rule: found.rule.is, evidence: found.evidence, steps: found.steps }));
}

async function tell(alert: GivenAlert, ruleset: RuleSet | undefined, dataset: string | undefined): Promise<ToldAlert> {
  const rule = ruleNow(alert, ruleset);
  const history = { entries: alert.history ?? [], dropped: alert.history_dropped ?? 0 };
  const events = alert.events.map((raw) => ({ raw, event: readEvidence(raw, ruleset, dataset) }));
  const evidence = events.map(({ raw, event }) => asEvidence(raw, event, ruleset, rule.now));
  const present = events.flatMap(({ event }) => event ?? []);
  const steps = rule.now === undefined || ruleset === undefined ? [] : await toldSteps(ruleset, rule.now, present);
  return { alert, rule, evidence, steps, history };
}

/** Each step with its conditions, as the first event that matches it meets them. */
async function toldSteps(ruleset: RuleSet, rule: Rule, events: readonly Event[]): Promise<ToldStep[]> {
  const view = ruleset.view();
  return Promise.all(
    rule.steps.map(async ({ name, negative, predicate }, index): Promise<ToldStep> => {
      const event = events.find((one) => predicate(view.load(one)));
      const condition = event === undefined ? undefined : (await explain(ruleset, rule, event)).steps[index]?.condition;
      return { name, negative, condition };
    }),
  );
}
