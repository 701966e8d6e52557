/**
 * Explains an alert: its own fields, its evidence in order of time, and which steps of the current rule each event
 * matches. The conditions of a step are shown once, evaluated on the first event that matches it.
 */
import { explain } from '../../compile/index.ts';
import type { Alert } from '../../core/alert/alert.ts';
import type { Event } from '../../core/event.ts';
import type { HistoryEntry } from '../../core/alert/triage.ts';
import type { Rule, RuleSet } from '../../core/rule.ts';
import { asEvidence, readEvidence, ruleNow } from '../../runtime/rules/evidence-steps.ts';
import type { Io } from '../command.ts';
import { formatAlert, type AlertExplanation, type AlertStep } from '../format/alert.ts';

/** An alert as the API returns it: with its history, which an alert from a file does not have. */
export type GivenAlert = Alert & { readonly history?: readonly HistoryEntry[]; readonly history_dropped?: number };

/** @param ruleset undefined if the rules could not be loaded */
export async function explainAlert(
  alert: GivenAlert,
  { ruleset, dataset }: { ruleset: RuleSet | undefined; dataset: string | undefined },
  io: Io,
): Promise<void> {
  const found = await explanationOf(alert, ruleset, dataset);
  if (!io.json) return io.print(formatAlert(found, io.color.stdout).join('\n'));
  await io.print(JSON.stringify({ alert, rule: found.rule.is, evidence: found.evidence, steps: found.steps }));
}

async function explanationOf(alert: GivenAlert, ruleset: RuleSet | undefined, dataset: string | undefined): Promise<AlertExplanation> {
  const rule = ruleNow(alert, ruleset);
  const history = { entries: alert.history ?? [], dropped: alert.history_dropped ?? 0 };
  const events = alert.events.map((raw) => ({ raw, event: readEvidence(raw, ruleset, dataset) }));
  const evidence = events.map(({ raw, event }) => asEvidence(raw, event, ruleset, rule.now));
  const present = events.flatMap(({ event }) => event ?? []);
  const steps = rule.now === undefined || ruleset === undefined ? [] : await explainSteps(ruleset, rule.now, present);
  return { alert, rule, evidence, steps, history };
}

/** Each step with its conditions, evaluated on the first event that matches it. */
async function explainSteps(ruleset: RuleSet, rule: Rule, events: readonly Event[]): Promise<AlertStep[]> {
  const view = ruleset.view();
  return Promise.all(
    rule.steps.map(async ({ name, negative, predicate }, index): Promise<AlertStep> => {
      const event = events.find((one) => predicate(view.load(one)));
      const condition = event === undefined ? undefined : (await explain(ruleset, rule, event)).steps[index]?.condition;
      return { name, negative, condition };
    }),
  );
}
