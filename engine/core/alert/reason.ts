/** Why a window fulfils its rule, in one line for the analyst: `5 distinct card.fingerprint for source.ip=203.0.113.9 in 10m (needs 5)`. */
import type { Event } from '../event.ts';
import { correlated, type Rule } from '../rule.ts';
import type { Fulfilment } from '../correlate/verdict.ts';

/** @param group the correlation's group names and their normalised values, in order; empty for a global group */
export function reason(rule: Rule, group: Readonly<Record<string, string>>, fulfilment: Fulfilment): string {
  const one = correlated(rule);
  return one.correlation.kind.reason(one, fulfilment, whoseGroup(group));
}

/**
 * Why an event by itself is an alert.
 * @param group empty, or the values of `suppress.by`   @param event undefined when it has expired
 */
export function singleEventReason(rule: Rule, group: Readonly<Record<string, string>>, event: Event | undefined): string {
  const what = event === undefined ? 'an event' : `event ${shown(event.id)} of ${shown(event.dataset)}`;
  return `${what} matched ${rule.id}${whoseGroup(group)}`;
}

function whoseGroup(group: Readonly<Record<string, string>>): string {
  const members = Object.entries(group).map(([name, value]) => `${name}=${shown(value)}`);
  return members.length === 0 ? '' : ` for ${members.join(', ')}`;
}

/** Values are whatever an event said: one with blanks, quotes or control characters is quoted as JSON. */
const shown = (value: string): string => (/[\s"\p{C}]/u.test(value) ? JSON.stringify(value) : value);
