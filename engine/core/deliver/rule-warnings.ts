/**
 * Warnings for rules in a target's filter that will not send alerts: they do not exist, or are not live. They are not
 * errors, since rules change with each reload.
 */
import { closest } from '../util/closest.ts';
import type { Rule } from '../rule.ts';
import type { WebhookTarget } from './target.ts';

export type RuleStatus = Pick<Rule, 'id' | 'status'>;

/** More warnings than this are only counted. */
const listedMax = 10;
/** An id with more differences is a different word. This also bounds the time to search many ids. */
const editsMax = 3;

/** @param rules all rules of the running set, whatever their status */
export function warningsOf({ rules: named }: Pick<WebhookTarget, 'rules'>, rules: readonly RuleStatus[]): string[] {
  if (named.length === 0) return [];
  const statuses = new Map(rules.map(({ id, status }) => [id, status]));
  const silent = [...new Set(named)].filter((id) => statuses.get(id) !== 'live');
  const listed = silent.slice(0, listedMax).map((id) => warning(id, statuses));
  return silent.length > listedMax ? [...listed, `rules: ${silent.length - listedMax} more are unknown or not live`] : listed;
}

function warning(id: string, statuses: ReadonlyMap<string, Rule['status']>): string {
  const status = statuses.get(id);
  if (status !== undefined) return `rules: ${id} is ${status}; its alerts are not sent until it is live`;
  const near = closest(id, statuses.keys(), Math.min(editsMax, Math.ceil(id.length / 3)));
  return `rules: unknown rule ${JSON.stringify(id)}${near === undefined ? '' : `; did you mean ${near}?`}`;
}
