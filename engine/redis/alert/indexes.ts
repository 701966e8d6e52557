/**
 * The indexes of alerts: sorted sets of places (core/alert/query.ts) for all alerts, per rule and per entity. All
 * scores are 0, so that Redis orders by the place itself, (created, id), and each page begins exactly after the one
 * before. The scripts that store and delete an alert update them in the same step.
 */
import type { AlertBrief } from '../../core/alert/alert.ts';
import { placeOfTime, type AlertQuery } from '../../core/alert/query.ts';
import { limits } from '../../core/limits.ts';
import type { Commands } from '../commands.ts';
import { command } from '../commands/call.ts';
import { keys } from '../keys.ts';

/** The sets that contain an alert's place. */
export const setsOf = (alert: AlertBrief): string[] => [
  keys.alertIndex,
  keys.alertsOfRule(alert.rule.id),
  ...new Set(alert.entities.slice(0, limits.alertEntitiesMax).map(({ field, value }) => keys.alertsOfEntity(field, value))),
];

/** Removes places whose alert no longer exists. */
export async function forgetPlaces(redis: Commands, places: readonly string[]): Promise<void> {
  if (places.length > 0) await redis.ask(command('zrem', keys.alertIndex, ...places));
}

/** The smallest set that contains every alert the query asks for. */
export async function chooseSet(redis: Commands, query: AlertQuery): Promise<string> {
  const sets: string[] = [];
  if (query.entity !== undefined) sets.push(keys.alertsOfEntity(query.entity.field, query.entity.value));
  if (query.rule !== undefined) sets.push(keys.alertsOfRule(query.rule));
  if (sets.length < 2) return sets[0] ?? keys.alertIndex;
  const sizes = await redis.send(sets.map((set) => command('zcard', set)));
  return Number(sizes[0]) <= Number(sizes[1]) ? sets[0]! : sets[1]!;
}

/** Places of a set older than `before` (default: all), newest first, within the query's times; at most `max`. */
export function page(redis: Commands, set: string, query: AlertQuery, before: string | undefined, max: number): Promise<string[]> {
  const until = query.until === undefined ? undefined : placeOfTime(query.until);
  const upper = before === undefined || (until !== undefined && until < before) ? until : before;
  const newest = upper === undefined ? '+' : `(${upper}`;
  const oldest = query.since === undefined ? '-' : `[${placeOfTime(query.since)}`;
  return redis.ask(command('zrevrangebylex', set, newest, oldest, 'LIMIT', 0, max));
}

/** The places after `after`, oldest first: for retention. */
export const oldest = (redis: Commands, after: string, max: number): Promise<string[]> =>
  redis.ask(command('zrangebylex', keys.alertIndex, after === '' ? '-' : `(${after}`, '+', 'LIMIT', 0, max));
