/**
 * An alert told again: what it says of itself, its evidence in order of time, and what each event has to do with the
 * rule as it stands now. The conditions are shown once for each step, as the first event of that step meets them.
 */
import { explain, type ExplainedCondition } from '../compile/index.ts';
import type { Alert } from '../core/alert.ts';
import { envelope, eventOf } from '../core/envelope.ts';
import type { Event, JsonObject } from '../core/event.ts';
import type { History, HistoryEntry } from '../core/triage.ts';
import { keyTexts } from '../core/group.ts';
import type { Rule } from '../core/rule.ts';
import type { RuleSet } from '../core/ruleset.ts';
import type { Io } from './command.ts';
import { formatAlert } from './format-alert.ts';

export type Evidence = {
  /** RFC 3339; undefined when the event carries no time of its own: it was judged by its receipt. */
  readonly time: string | undefined;
  /** Undefined: the event had expired, or has no readable envelope any more. */
  readonly id: string | undefined;
  readonly dataset: string | undefined;
  /** Steps of the present rule that the event matches. */
  readonly steps: readonly string[];
  /** Values of what the rule counts, sums or compares. */
  readonly counted: Readonly<Record<string, readonly string[]>>;
};

export type ToldStep = { readonly name: string; readonly negative: boolean; readonly condition: ExplainedCondition | undefined };

export type ToldAlert = {
  readonly alert: Alert;
  /** How the rule of today stands to the one that fired. */
  readonly rule: { readonly is: 'unchanged' | 'changed'; readonly now: Rule } | { readonly is: 'missing'; readonly now: undefined };
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
  const rule = ruleset?.byId.get(alert.rule.id);
  const history = { entries: alert.history ?? [], dropped: alert.history_dropped ?? 0 };
  const events = alert.events.map((raw) => ({ raw, event: readEvidence(raw, ruleset, dataset) }));
  const evidence = events.map(({ raw, event }) => asEvidence(raw, event, ruleset, rule));
  const present = events.flatMap(({ event }) => event ?? []);
  const steps = rule === undefined || ruleset === undefined ? [] : await toldSteps(ruleset, rule, present);
  if (rule === undefined) return { alert, rule: { is: 'missing', now: undefined }, evidence, steps, history };
  return { alert, rule: { is: rule.hash === alert.rule.hash ? 'unchanged' : 'changed', now: rule }, evidence, steps, history };
}

/** Undefined for what has expired, or is no event. */
function readEvidence(raw: JsonObject, ruleset: RuleSet | undefined, dataset: string | undefined): Event | undefined {
  if (Object.hasOwn(raw, 'weir.expired')) return undefined;
  const datasets = ruleset?.datasets ?? { byName: new Map(), recognisable: [] };
  const given = envelope(raw, { datasets, receivedMs: 0, futureMsMax: Infinity, dataset }, () => '');
  return given.kind === 'rejected' ? undefined : eventOf(given, raw, datasets);
}

function asEvidence(raw: JsonObject, event: Event | undefined, ruleset: RuleSet | undefined, rule: Rule | undefined): Evidence {
  const stamp = raw['@timestamp'];
  if (event === undefined) {
    return { time: typeof stamp === 'string' ? stamp : undefined, id: undefined, dataset: undefined, steps: [], counted: {} };
  }
  const time = event.tags.includes('time_inferred') ? undefined : new Date(event.time).toISOString();
  const id = event.id === '' ? undefined : event.id;
  const base = { time, id, dataset: event.dataset };
  if (ruleset === undefined || rule === undefined) return { ...base, steps: [], counted: {} };
  const view = ruleset.view().load(event);
  const fields = rule.correlation !== undefined && 'fields' in rule.correlation ? rule.correlation.fields : [];
  return {
    ...base,
    steps: rule.steps.filter((step) => step.predicate(view)).map(({ name }) => name),
    counted: Object.fromEntries(fields.map(({ name, slot }) => [name, keyTexts(view.at(slot))])),
  };
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
