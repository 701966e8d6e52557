/**
 * The alert store: one hash per alert, created once and never overwritten. `doc` is the alert as it was fired; what
 * changes later (count, first_seen, last_seen, status) lies in fields beside it and is laid over it when read.
 *
 * Retention forgets the oldest first whatever their status, and counts by status, so that open alerts going
 * unseen is visible. (Closed ones first would need an index per status, and would let a flood of new alerts be
 * kept at the cost of the verdicts.) An alert that the SIEM queue has yet to get is never forgotten.
 */
import type { Alert, AlertStatus } from '../core/alert.ts';
import {
  alertIdShape,
  concerns,
  cursorOf,
  fits,
  idOfPlace,
  placeOf,
  placeOfCursor,
  timeOfPlace,
  type AlertQuery,
} from '../core/alert-query.ts';
import { limits } from '../core/limits.ts';
import type { AlertStore, Put } from '../runtime/forward-ports.ts';
import { batch, batchOrThrow, queueScript } from './batch.ts';
import { chooseSet, forgetAlerts, forgetPlaces, indexAlerts, oldest, page } from './alert-index.ts';
import type { Redis } from './connection.ts';
import { keys } from './keys.ts';
import { registerScripts } from './scripts.ts';

export type AlertStoreOptions = { readonly alertsMsMax?: number; readonly alertsMax?: number; readonly alertScanMax?: number };

const trimPage = 500;

/** What alert-put.lua gives. */
type PutReply = readonly [created: number, queued: number, told: number, doc: string | null];

/** The alert as it is in the store: the first that was written. */
const storedOf = (alert: Alert, [, , , doc]: PutReply): Alert => (doc === null ? alert : (JSON.parse(doc) as Alert));

export function openAlertStore(redis: Redis, options: AlertStoreOptions = {}): AlertStore {
  const { alertsMsMax = limits.alertsMsMax, alertsMax = limits.alertsMax, alertScanMax = limits.alertScanMax } = options;
  registerScripts(redis, ['alert-put', 'alert-update', 'alert-mark']);
  let trimmedTo = '';

  async function getMany(ids: readonly string[]): Promise<(Alert | undefined)[]> {
    const asked = ids.map((id) => alertIdShape.test(id));
    const rows = await batchOrThrow(redis, (commands) => {
      ids.forEach((id, i) => {
        if (asked[i]) commands.hmget(keys.alert(id), 'doc', 'status', 'count', 'first_seen', 'last_seen');
      });
    });
    let next = 0;
    return asked.map((was) => (was ? merge(rows[next++] as (string | null)[]) : undefined));
  }

  async function mark(to: 'queued' | 'told', ids: readonly string[], nowMs: number): Promise<void> {
    await batchOrThrow(redis, (commands) => {
      for (const id of ids) queueScript(commands, 'alert-mark', [keys.alert(id)], [to, nowMs]);
    });
  }

  return {
    async put(alerts) {
      const checked = alerts.map(problemOf);
      const good = alerts.filter((_, i) => checked[i] === undefined);
      const replies = await batch(redis, (commands) => {
        for (const alert of good) {
          const { id, rule, shadow, status, count, first_seen, last_seen } = alert;
          queueScript(
            commands,
            'alert-put',
            [keys.alert(id)],
            [JSON.stringify(alert), rule.id, rule.level, shadow ? 1 : 0, status, count, first_seen, last_seen],
          );
        }
      });
      await indexAlerts(
        redis,
        good.flatMap((alert, i) => (replies[i] instanceof Error ? [] : storedOf(alert, replies[i] as PutReply))),
      );
      let next = 0;
      return checked.map((problem): Put | Error => {
        if (problem !== undefined) return problem;
        const reply = replies[next++];
        if (reply instanceof Error) return reply;
        const [created, queued, told] = reply as PutReply;
        return { created: created === 1, queued: queued === 1, told: told === 1 };
      });
    },

    async update(updates) {
      const replies = await batch(redis, (commands) => {
        for (const { id, version, count, first_seen, last_seen } of updates)
          queueScript(commands, 'alert-update', [keys.alert(id)], [version, count, first_seen, last_seen, limits.lagMsMax]);
      });
      return replies.map((reply) => (reply instanceof Error ? reply : { applied: reply === 1 }));
    },

    markQueued: (ids, nowMs) => mark('queued', ids, nowMs),
    markTold: (ids, nowMs) => mark('told', ids, nowMs),

    async standing(ids) {
      const rows = await batchOrThrow(redis, (commands) => {
        for (const id of ids) commands.hmget(keys.alert(id), 'rule', 'queued');
      });
      return rows.map((row) => {
        const [rule, queued] = row as (string | null)[];
        return rule === null ? 'gone' : queued === null ? 'unqueued' : 'queued';
      });
    },

    async get(id) {
      return (await getMany([id]))[0];
    },

    getMany,

    async search(query) {
      const limit = Math.max(1, Math.min(query.limit, limits.alertPageMax));
      let before = query.after === undefined ? undefined : placeOfCursor(query.after);
      const set = await chooseSet(redis, query);
      const alerts: Alert[] = [];
      for (let scanned = 0; scanned < alertScanMax;) {
        const wanted = Math.min(Math.max(limit - alerts.length, 50), 500, alertScanMax - scanned);
        const places = await page(redis, set, query, before, wanted);
        const found = await matching(query, places);
        for (const place of places) {
          before = place;
          const alert = found.get(place);
          if (alert !== undefined && alerts.push(alert) === limit) {
            const last = places.length < wanted && place === places.at(-1);
            return { alerts, next: last ? undefined : cursorOf(place) };
          }
        }
        scanned += places.length;
        if (places.length < wanted) return { alerts, next: undefined };
      }
      return { alerts, next: before === undefined ? undefined : cursorOf(before) };
    },

    async trim(nowMs) {
      const gone: Record<string, number> = {};
      let surplus = (await redis.zcard(keys.alertIndex)) - alertsMax;
      const places = await oldest(redis, trimmedTo, trimPage);
      const due = places.filter((place) => surplus-- > 0 || timeOfPlace(place) < nowMs - alertsMsMax);
      trimmedTo = due.length === trimPage ? due.at(-1)! : '';
      const rows = await batchOrThrow(redis, (commands) => {
        for (const place of due)
          commands.hmget(keys.alert(idOfPlace(place)), 'doc', 'status', 'count', 'first_seen', 'last_seen', 'queued', 'shadow');
      });
      const dangling = due.filter((_, i) => (rows[i] as (string | null)[])[0] === null);
      const going = rows
        .map((row) => row as (string | null)[])
        .filter((row) => row[5] !== null || row[6] === '1')
        .flatMap((row) => merge(row) ?? []);
      for (const alert of going) gone[alert.status] = (gone[alert.status] ?? 0) + 1;
      await forgetAlerts(redis, going);
      await forgetPlaces(redis, dangling);
      return gone;
    },
  };

  /** Those alerts of these places that the query wants. Decided on the small fields first, as an alert is kilobytes. */
  async function matching(query: AlertQuery, places: readonly string[]): Promise<Map<string, Alert>> {
    const rows = await batchOrThrow(redis, (commands) => {
      for (const place of places) commands.hmget(keys.alert(idOfPlace(place)), 'rule', 'level', 'status', 'shadow');
    });
    const wanted = places.filter((_, i) => {
      const [rule, level, status, shadow] = rows[i] as (string | null)[];
      return typeof rule === 'string' && fits(query, { rule, level: level ?? '', status: status ?? '', shadow: shadow === '1' });
    });
    const alerts = await getMany(wanted.map(idOfPlace));
    const found = new Map<string, Alert>();
    wanted.forEach((place, i) => {
      const alert = alerts[i];
      if (alert !== undefined && (query.entity === undefined || concerns(alert, query.entity))) found.set(place, alert);
    });
    return found;
  }
}

/** Why an alert cannot be stored; undefined: it can. */
function problemOf(alert: Alert): Error | undefined {
  if (!alertIdShape.test(alert.id)) return new Error(`not an alert id: ${JSON.stringify(alert.id)}`);
  try {
    placeOf(alert);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** doc, status, count, first_seen, last_seen → the alert as it stands. */
function merge(row: readonly (string | null)[]): Alert | undefined {
  const [doc, status, count, first_seen, last_seen] = row;
  if (typeof doc !== 'string') return undefined;
  const alert = JSON.parse(doc) as Alert;
  return {
    ...alert,
    status: (status ?? alert.status) as AlertStatus,
    count: count === null || count === undefined ? alert.count : Number(count),
    first_seen: first_seen ?? alert.first_seen,
    last_seen: last_seen ?? alert.last_seen,
  };
}
