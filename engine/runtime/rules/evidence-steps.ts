/**
 * Which steps of the current rule each event of an alert's evidence matches: `explain` prints it, and the API returns it for
 * timelines. The rule may have changed since the alert fired; that is reported, too.
 */
import type { Alert } from '../../core/alert/alert.ts';
import { envelope, eventOf } from '../../core/ingest/envelope.ts';
import type { Event, JsonObject } from '../../core/event.ts';
import { keyTexts } from '../../core/correlate/group.ts';
import type { Rule, RuleSet } from '../../core/rule.ts';

export type EvidenceSteps = {
  /** RFC 3339; undefined if the event has no timestamp: then the time of receipt was used. */
  readonly time: string | undefined;
  /** Undefined if the event has expired, or its envelope can no longer be read. */
  readonly id: string | undefined;
  readonly dataset: string | undefined;
  /** Steps of the current rule that the event matches. */
  readonly steps: readonly string[];
  /** Values of the fields that the rule counts, sums or compares. */
  readonly counted: Readonly<Record<string, readonly string[]>>;
};

/** The current rule, and whether it differs from the one that fired. */
export type RuleNow = { readonly is: 'unchanged' | 'changed'; readonly now: Rule } | { readonly is: 'missing'; readonly now: undefined };

export function ruleNow(alert: Alert, ruleset: RuleSet | undefined): RuleNow {
  const now = ruleset?.byId.get(alert.rule.id);
  if (now === undefined) return { is: 'missing', now };
  return { is: now.hash === alert.rule.hash ? 'unchanged' : 'changed', now };
}

/** Undefined if the event has expired or was cut, or cannot be read. */
export function readEvidence(raw: JsonObject, ruleset: RuleSet | undefined, dataset: string | undefined): Event | undefined {
  if (Object.hasOwn(raw, 'weir.expired') || Object.hasOwn(raw, 'weir.cut')) return undefined;
  const datasets = ruleset?.datasets ?? { byName: new Map(), recognisable: [] };
  const given = envelope(raw, { datasets, receivedMs: 0, futureMsMax: Infinity, dataset }, () => '');
  return given.kind === 'rejected' ? undefined : eventOf(given, raw, datasets);
}

export function asEvidence(raw: JsonObject, event: Event | undefined, ruleset: RuleSet | undefined, rule: Rule | undefined): EvidenceSteps {
  const stamp = raw['@timestamp'];
  if (event === undefined) {
    return { time: typeof stamp === 'string' ? stamp : undefined, id: undefined, dataset: undefined, steps: [], counted: {} };
  }
  const time = event.tags.includes('time_inferred') ? undefined : new Date(event.time).toISOString();
  const id = event.id === '' ? undefined : event.id;
  const base = { time, id, dataset: event.dataset };
  if (ruleset === undefined || rule === undefined) return { ...base, steps: [], counted: {} };
  const view = ruleset.view().load(event);
  const fields = rule.correlation?.fields ?? [];
  return {
    ...base,
    steps: rule.steps.filter((step) => step.predicate(view)).map(({ name }) => name),
    counted: Object.fromEntries(fields.map(({ name, slot }) => [name, keyTexts(view.at(slot))])),
  };
}
