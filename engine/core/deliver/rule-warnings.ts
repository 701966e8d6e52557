/**
 * Rules that a target's filter names though no alert of theirs will come: there is no such rule, or it is not live. The
 * target is taken all the same, since rules come and go with each reload; so whoever set it up is told.
 */
import { closest } from '../util/closest.ts';
import type { Rule } from '../rule.ts';
import type { WebhookTarget } from './target.ts';

export type RuleStatus = Pick<Rule, 'id' | 'status'>;

/** Nobody reads more of them; the rest are counted. */
const toldMax = 10;
/** What differs in more is another word. It also bounds the time that the look for the nearest of many ids takes. */
const editsMax = 3;

/** @param rules all of the running set, whatever their status */
export function warningsOf({ rules: named }: Pick<WebhookTarget, 'rules'>, rules: readonly RuleStatus[]): string[] {
  if (named.length === 0) return [];
  const statuses = new Map(rules.map(({ id, status }) => [id, status]));
  const unheard = [...new Set(named)].filter((id) => statuses.get(id) !== 'live');
  const told = unheard.slice(0, toldMax).map((id) => warning(id, statuses));
  return unheard.length > toldMax ? [...told, `rules: and ${unheard.length - toldMax} more that are not live`] : told;
}

function warning(id: string, statuses: ReadonlyMap<string, Rule['status']>): string {
  const status = statuses.get(id);
  if (status !== undefined) return `rules: ${id} is ${status}: no alert of it is sent until it is live`;
  const near = closest(id, statuses.keys(), Math.min(editsMax, Math.ceil(id.length / 3)));
  return `rules: there is no rule ${JSON.stringify(id)} at present${near === undefined ? '' : `; did you mean ${near}?`}`;
}
