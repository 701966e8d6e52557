/**
 * The alert counts of a rule. They count stored alerts, so they agree with a search. A changed verdict moves an alert from
 * one count to another; an alert that is removed (after 30 days, or over the limit on their number) leaves all of them. So
 * precision reflects the last weeks, and a rule that was fixed is not judged by its past for ever. Shadow alerts count
 * like any other: that is what they are stored for.
 *
 * Precision = true_positive / (true_positive + false_positive). Benign (the rule was right, but nothing bad happened) and
 * duplicate (covered by another alert) do not say whether the rule is right, and do not count.
 */
import { alertStatuses, verdictLabels, type AlertStatus, type VerdictLabel } from './alert.ts';

export type AlertCounts = {
  readonly alerts: number;
  readonly status: Readonly<Record<AlertStatus, number>>;
  readonly verdicts: Readonly<Record<VerdictLabel, number>>;
  /** Null if there is no true or false positive yet. */
  readonly precision: number | null;
  /** Creation time of the newest alert, RFC 3339; null if there is none. */
  readonly last_alert: string | null;
};

/** @param numbers counts by the name of a status or verdict   @param lastMs creation time of the newest alert, epoch ms */
export function alertCounts(numbers: ReadonlyMap<string, number>, lastMs: number | undefined): AlertCounts {
  const of = (name: string): number => numbers.get(name) ?? 0;
  const status = Object.fromEntries(alertStatuses.map((name) => [name, of(name)])) as Record<AlertStatus, number>;
  const verdicts = Object.fromEntries(verdictLabels.map((name) => [name, of(name)])) as Record<VerdictLabel, number>;
  const rated = verdicts.true_positive + verdicts.false_positive;
  return {
    alerts: alertStatuses.reduce((sum, name) => sum + status[name], 0),
    status,
    verdicts,
    precision: rated === 0 ? null : verdicts.true_positive / rated,
    last_alert: lastMs === undefined ? null : new Date(lastMs).toISOString(),
  };
}
