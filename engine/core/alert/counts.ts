/**
 * What became of a rule's alerts, as numbers: always those of the alerts that are stored, so that they are what a
 * search would count. A changed verdict moves from one number to the other, an alert that is forgotten (30 days, or
 * the bound of their number) leaves all of them: precision speaks of the last weeks, and a rule that was mended is
 * not held to its past for ever. Alerts of a shadow time count as the others: it is what they are kept for.
 *
 * Precision = true_positive / (true_positive + false_positive). Benign (the rule was right, and it was nothing bad)
 * and duplicate (told already by another alert) say nothing about whether the rule is right, and do not count.
 */
import { alertStatuses, verdictLabels, type AlertStatus, type VerdictLabel } from './alert.ts';

export type AlertCounts = {
  readonly alerts: number;
  readonly status: Readonly<Record<AlertStatus, number>>;
  readonly verdicts: Readonly<Record<VerdictLabel, number>>;
  /** Null: no verdict that counts yet. */
  readonly precision: number | null;
  /** When the newest of them was created, RFC 3339; null: there is none. */
  readonly last_alert: string | null;
};

/** @param numbers by status, by verdict */
export function alertCounts(numbers: ReadonlyMap<string, number>, lastMs: number | undefined): AlertCounts {
  const of = (name: string): number => numbers.get(name) ?? 0;
  const status = Object.fromEntries(alertStatuses.map((name) => [name, of(name)])) as Record<AlertStatus, number>;
  const verdicts = Object.fromEntries(verdictLabels.map((name) => [name, of(name)])) as Record<VerdictLabel, number>;
  const judged = verdicts.true_positive + verdicts.false_positive;
  return {
    alerts: alertStatuses.reduce((sum, name) => sum + status[name], 0),
    status,
    verdicts,
    precision: judged === 0 ? null : verdicts.true_positive / judged,
    last_alert: lastMs === undefined ? null : new Date(lastMs).toISOString(),
  };
}
