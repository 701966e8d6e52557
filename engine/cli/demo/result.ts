/** The result of a demo, campaign by campaign, as data. */
import type { Alert } from '../../core/alert/alert.ts';
import { absenceWaitMs, waitsForLateness } from '../../core/correlate/requirements.ts';
import type { Rule } from '../../core/rule.ts';
import { idOf } from '../../demo/feeds.ts';
import { score, type Caught } from '../../demo/score.ts';
import type { Truth } from '../../demo/truth.ts';
import type { Sending } from './send.ts';
import type { Seen } from './watch.ts';

export type CampaignResult = {
  readonly campaign: string;
  readonly about: string;
  readonly rule: string;
  readonly group: Readonly<Record<string, string>>;
  readonly caught: boolean;
  /** Number of its events. */
  readonly events: number;
  /** How many of them had been sent by the time of the event that decided the alert; null: missed. */
  readonly after: number | null;
  /** From sending that event to seeing the alert in the API's answer; null: missed. */
  readonly ms: number | null;
  /** The part of `ms` that the rule waits by design: for an absence, or for late events. */
  readonly waits_ms: number;
  readonly alert: string | null;
};

export type DemoResult = {
  readonly campaigns: readonly CampaignResult[];
  readonly caught: number;
  /** Alerts from other rules on a campaign's events: also correct. */
  readonly besides: number;
  readonly false_alerts: { readonly total: number; readonly per_100k: number; readonly by_rule: Readonly<Record<string, number>> };
};

export type Observed = {
  readonly truths: readonly Truth[];
  readonly seen: readonly Seen[];
  readonly sent: ReadonlyMap<string, Sending>;
  /** Number of events outside the campaigns. */
  readonly benign: number;
  readonly rules: readonly Rule[];
  readonly latenessMs: number;
};

export function resultOf({ truths, seen, sent, benign, rules, latenessMs }: Observed): DemoResult {
  const seenAt = new Map(seen.map(({ alert, at }) => [alert.id, at]));
  const scored = score(
    truths,
    seen.map(({ alert }) => alert),
    idOf,
  );
  const byRule = new Map<string, number>();
  for (const { rule } of scored.wrong) byRule.set(rule.id, (byRule.get(rule.id) ?? 0) + 1);
  const campaigns = scored.campaigns.map((caught) => campaignResult(caught, seenAt, sent, waitOf(rules, caught.truth.rule, latenessMs)));
  return {
    campaigns,
    caught: campaigns.filter(({ caught }) => caught).length,
    besides: scored.besides.length,
    false_alerts: {
      total: scored.wrong.length,
      per_100k: rounded((scored.wrong.length * 100_000) / benign),
      by_rule: Object.fromEntries(byRule),
    },
  };
}

/** How long a rule waits on the arrival clock after its last event, by design. */
export function waitOf(rules: readonly Rule[], id: string, latenessMs: number): number {
  const rule = rules.find((one) => one.id === id);
  if (rule?.correlation === undefined) return 0;
  return waitsForLateness(rule) ? (absenceWaitMs(rule) ?? 0) + latenessMs : 0;
}

function campaignResult(
  { truth, alert, proof }: Caught<Alert>,
  seenAt: ReadonlyMap<string, number>,
  sent: Observed['sent'],
  waitsMs: number,
): CampaignResult {
  const { campaign, about, rule, group, events } = truth;
  const common = { campaign, about, rule, group, events: events.length, waits_ms: waitsMs };
  const decided = proof.flatMap((id) => sent.get(id) ?? []).reduce<Sending | undefined>(later, undefined);
  if (alert === undefined || decided === undefined) return { ...common, caught: false, after: null, ms: null, alert: null };
  const after = events.filter((id) => (sent.get(id)?.rank ?? Infinity) <= decided.rank).length;
  return { ...common, caught: true, after, ms: seenAt.get(alert.id)! - decided.ms, alert: alert.id };
}

const later = (a: Sending | undefined, b: Sending): Sending => (a === undefined || b.rank > a.rank ? b : a);

const rounded = (value: number): number => Math.round(value * 10) / 10;
