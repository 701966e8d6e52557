/**
 * By what alerts are found: sorted sets of places (core/alert-query.ts), all of them, per rule and per entity. All
 * scores are 0, so that Redis orders by the place itself, (created, id), and a page begins exactly behind another.
 * They share one slot; an alert lies in another one. So a crash may leave a place without an alert, which reading
 * passes over, or an alert without a place, which the repeated put mends.
 */
import type { Alert } from '../core/alert.ts';
import { placeOf, placeOfTime, type AlertQuery } from '../core/alert-query.ts';
import { limits } from '../core/limits.ts';
import { batchOrThrow } from './batch.ts';
import type { Redis } from './connection.ts';
import { keys } from './keys.ts';

const special = (alert: Alert): string[] => [
  keys.alertsOfRule(alert.rule.id),
  ...alert.entities.slice(0, limits.alertEntitiesMax).map(({ field, value }) => keys.alertsOfEntity(field, value)),
];

/** Places by set, for one command a set. */
function bySet(alerts: readonly Alert[], setsOf: (alert: Alert) => string[]): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const alert of alerts) {
    const place = placeOf(alert);
    for (const set of setsOf(alert)) {
      const list = places.get(set);
      if (list === undefined) places.set(set, [place]);
      else list.push(place);
    }
  }
  return places;
}

export async function indexAlerts(redis: Redis, alerts: readonly Alert[]): Promise<void> {
  await batchOrThrow(redis, (commands) => {
    for (const [set, places] of bySet(alerts, (alert) => [keys.alertIndex, ...special(alert)]))
      commands.zadd(set, ...places.flatMap((place) => [0, place]));
  });
}

/** Forgets alerts. The place among all goes last: after a crash in between the next call finds it there. */
export async function forgetAlerts(redis: Redis, alerts: readonly Alert[]): Promise<void> {
  if (alerts.length === 0) return;
  await batchOrThrow(redis, (commands) => {
    for (const [set, places] of bySet(alerts, special)) commands.zrem(set, ...places);
  });
  await batchOrThrow(redis, (commands) => {
    for (const { id } of alerts) commands.unlink(keys.alert(id));
  });
  await forgetPlaces(redis, alerts.map(placeOf));
}

/** Forgets places whose alert is gone. */
export async function forgetPlaces(redis: Redis, places: readonly string[]): Promise<void> {
  if (places.length > 0) await redis.zrem(keys.alertIndex, ...places);
}

/** The smallest set that holds everything the query asks for. */
export async function chooseSet(redis: Redis, query: AlertQuery): Promise<string> {
  const sets: string[] = [];
  if (query.entity !== undefined) sets.push(keys.alertsOfEntity(query.entity.field, query.entity.value));
  if (query.rule !== undefined) sets.push(keys.alertsOfRule(query.rule));
  if (sets.length < 2) return sets[0] ?? keys.alertIndex;
  const sizes = await batchOrThrow(redis, (commands) => {
    for (const set of sets) commands.zcard(set);
  });
  return Number(sizes[0]) <= Number(sizes[1]) ? sets[0]! : sets[1]!;
}

/** Places of a set, newest first, from behind `before` (or from the newest), within the query's times; at most `max`. */
export function page(redis: Redis, set: string, query: AlertQuery, before: string | undefined, max: number): Promise<string[]> {
  const until = query.until === undefined ? undefined : placeOfTime(query.until);
  const upper = before === undefined || (until !== undefined && until < before) ? until : before;
  return redis.zrevrangebylex(
    set,
    upper === undefined ? '+' : `(${upper}`,
    query.since === undefined ? '-' : `[${placeOfTime(query.since)}`,
    'LIMIT',
    0,
    max,
  );
}

/** Oldest first, from behind `after`: for retention. */
export const oldest = (redis: Redis, after: string, max: number): Promise<string[]> =>
  redis.zrangebylex(keys.alertIndex, after === '' ? '-' : `(${after}`, '+', 'LIMIT', 0, max);
