/**
 * The alert budget, so that a rule that matches everything floods neither the analysts nor the store. Each rule may add a
 * fixed number of alerts per minute of event time. Alerts over the budget are folded into one alert of that rule and
 * minute, which counts them.
 *
 * The minute is that of the alert's last_seen when it fired. Alerts of a shadow rule have a separate budget: their fold
 * must not reach the SIEM, while the fold of a rule that has gone live since must.
 */
import type { Alert, AlertUpdate } from '../alert/alert.ts';
import { alertId } from '../alert/fire.ts';

const minuteMs = 60_000;

/** Identifies a budget: the alerts of one rule in one minute. */
export type BudgetOf = { readonly ruleId: string; readonly shadow: boolean; /** Epoch ms of its start. */ readonly minute: number };

/** The alert's budget; undefined when last_seen is not a valid time. */
export function budgetOf({ rule, shadow, last_seen }: Alert): BudgetOf | undefined {
  const ms = Date.parse(last_seen);
  return Number.isNaN(ms) ? undefined : { ruleId: rule.id, shadow, minute: Math.floor(ms / minuteMs) * minuteMs };
}

/** A unique name for each budget. */
export const budgetName = ({ ruleId, shadow, minute }: BudgetOf): string => `${shadow ? 'shadow' : 'live'} ${minute} ${ruleId}`;

/**
 * The alert that stands for the folded ones.
 * @param first the first folded alert; its events are the evidence
 * @param max the budget
 * @param folded how many alerts have been folded so far
 */
export function foldOf(of: BudgetOf, first: Alert, max: number, folded: number): Alert {
  const minute = `${new Date(of.minute).toISOString().slice(0, 16)}Z`;
  return {
    id: foldId(of),
    rule: first.rule,
    status: 'open',
    shadow: of.shadow,
    group: {},
    entities: [],
    value: max,
    reason:
      `Further alerts of ${of.ruleId} in the minute ${minute} folded (over the budget of ${max.toLocaleString('en')}): ` +
      '`count` says how many, from about a hundred on to a percent or so',
    message: '',
    ...spanOf(of),
    created: first.created,
    count: folded,
    events: first.events,
  };
}

/** Updates the count of a fold. The count never falls, so it serves as the version. */
export const foldUpdateOf = (of: BudgetOf, folded: number): AlertUpdate => ({
  id: foldId(of),
  count: folded,
  ...spanOf(of),
  version: folded,
});

const foldId = (of: BudgetOf): string => alertId(of.ruleId, 'folded', budgetName(of));

const spanOf = ({ minute }: BudgetOf): { first_seen: string; last_seen: string } => ({
  first_seen: new Date(minute).toISOString(),
  last_seen: new Date(minute + minuteMs - 1).toISOString(),
});
