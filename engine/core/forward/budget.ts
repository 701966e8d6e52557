/**
 * The budget of alerts: a rule that is true of everything must bury neither the analysts nor the store. Each rule may
 * add so many alerts per minute of event time; what is over it is folded into one alert of that rule and minute, which
 * says how many they are.
 *
 * The minute is that of the alert's last_seen when it fired. Alerts of a shadow rule have a budget of their own: their
 * fold must not reach the SIEM, and that of a rule that has gone live since must.
 */
import type { Alert, AlertUpdate } from '../alert/alert.ts';
import { alertId } from '../alert/fire.ts';

const minuteMs = 60_000;

/** Alerts that share a budget. */
export type BudgetOf = { readonly ruleId: string; readonly shadow: boolean; /** Epoch ms of its start. */ readonly minute: number };

/** Undefined when last_seen is no time. */
export function budgetOf({ rule, shadow, last_seen }: Alert): BudgetOf | undefined {
  const ms = Date.parse(last_seen);
  return Number.isNaN(ms) ? undefined : { ruleId: rule.id, shadow, minute: Math.floor(ms / minuteMs) * minuteMs };
}

/** Different for each budget. */
export const budgetName = ({ ruleId, shadow, minute }: BudgetOf): string => `${shadow ? 'shadow' : 'live'} ${minute} ${ruleId}`;

/** @param first the first that was folded: its events are the evidence; @param max the budget; @param folded how many so far */
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

/** The number so far. It never falls, so it is its own version. */
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
