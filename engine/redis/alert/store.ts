/**
 * The alert store: one hash per alert, created once and never overwritten. `doc` and `events` are the alert as it was
 * fired; what changes later (count, first_seen, last_seen; status and the rest of triage, triage.ts) is in other fields,
 * which override them when the alert is read (read.ts).
 *
 * Retention removes the oldest alerts first, whatever their status, and counts them by status, so that the loss of open
 * alerts is visible. (Removing closed ones first would need an index per status, and a flood of new alerts would push out
 * the verdicts.) An alert that is not in the SIEM queue yet is never removed.
 */
import type { Alert } from '../../core/alert/alert.ts';
import {
  alertIdShape,
  concerns,
  cursorOf,
  factsOf,
  fits,
  idOfPlace,
  placeOf,
  placeOfCursor,
  timeOfPlace,
  type AlertQuery,
} from '../../core/alert/query.ts';
import { limits } from '../../core/limits.ts';
import type { AlertStore, Put } from '../../runtime/forward/ports.ts';
import { chooseSet, forgetPlaces, oldest, page, setsOf } from './indexes.ts';
import { readAlerts, readBriefs, readFacts } from './read.ts';
import { commandsOn, type Commands, type RedisNodes } from '../commands.ts';
import { command, script } from '../commands/call.ts';
import { keys } from '../keys.ts';

export type AlertStoreOptions = { readonly alertsMsMax?: number; readonly alertsMax?: number; readonly alertScanMax?: number };

const trimPage = 500;

/** The result of alert-put.lua. */
type PutReply = [created: number, queued: number, notified: number];

export function openAlertStore(nodes: RedisNodes, options: AlertStoreOptions = {}): AlertStore {
  const { alertsMsMax = limits.alertsMsMax, alertsMax = limits.alertsMax, alertScanMax = limits.alertScanMax } = options;
  const redis = commandsOn(nodes);
  let trimmedTo = '';

  async function mark(to: 'queued' | 'told', ids: readonly string[], nowMs: number): Promise<void> {
    await redis.send(ids.map((id) => script('alert-mark', [keys.alert(id)], [to, nowMs])));
  }

  return {
    async put(alerts) {
      const checked = alerts.map(problemOf);
      const good = alerts.filter((_, i) => checked[i] === undefined);
      const replies = await redis.trySend<PutReply>(good.map((alert) => script('alert-put', putKeys(alert), putArguments(alert))));
      let next = 0;
      return checked.map((problem): Put | Error => {
        if (problem !== undefined) return problem;
        const reply = replies[next++]!;
        if (reply instanceof Error) return reply;
        const [created, queued, notified] = reply;
        return { created: created === 1, queued: queued === 1, notified: notified === 1 };
      });
    },

    async update(updates) {
      const calls = updates.map(({ id, version, count, first_seen, last_seen }) => {
        const args = [version, count, first_seen, last_seen, limits.lagMsMax, id, limits.alertChangesMax];
        return script('alert-update', [keys.alert(id), keys.alertChanges], args);
      });
      const replies = await redis.trySend<number>(calls);
      return replies.map((reply) => (reply instanceof Error ? reply : { applied: reply === 1 }));
    },

    markQueued: (ids, nowMs) => mark('queued', ids, nowMs),
    markNotified: (ids, nowMs) => mark('told', ids, nowMs),

    async standing(ids) {
      const rows = await redis.send<(string | null)[]>(ids.map((id) => command('hmget', keys.alert(id), 'rule', 'queued')));
      return rows.map(([rule, queued]) => (rule === null ? 'gone' : queued === null ? 'unqueued' : 'queued'));
    },

    get: async (id) => (await readAlerts(redis, [id]))[0],
    getMany: (ids) => readAlerts(redis, ids),
    briefs: (ids) => readBriefs(redis, ids),

    async search(query) {
      const limit = Math.max(1, Math.min(query.limit, limits.alertPageMax));
      let before = query.after === undefined ? undefined : placeOfCursor(query.after);
      const set = await chooseSet(redis, query);
      const alerts: Alert[] = [];
      for (let scanned = 0; scanned < alertScanMax;) {
        const wanted = Math.min(Math.max(limit - alerts.length, 50), 500, alertScanMax - scanned);
        const places = await page(redis, set, query, before, wanted);
        const found = await matching(redis, query, places);
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
      let surplus = (await redis.ask<number>(command('zcard', keys.alertIndex))) - alertsMax;
      const places = await oldest(redis, trimmedTo, trimPage);
      const due = places.filter((place) => surplus-- > 0 || timeOfPlace(place) < nowMs - alertsMsMax);
      trimmedTo = due.length === trimPage ? due.at(-1)! : '';
      const briefs = await readBriefs(redis, due.map(idOfPlace));
      await forgetPlaces(
        redis,
        due.filter((_, i) => briefs[i] === undefined),
      );
      const calls = briefs
        .filter((alert) => alert !== undefined)
        .map((alert) => {
          const own = [keys.alert(alert.id), keys.alertHistory(alert.id), keys.alertCounts(alert.rule.id)];
          return script('alert-forget', [...own, keys.alertClosings, ...setsOf(alert)], [placeOf(alert), alert.id]);
        });
      const gone = new Map<string, number>();
      for (const status of await redis.send<string | null>(calls)) if (status !== null) gone.set(status, (gone.get(status) ?? 0) + 1);
      return Object.fromEntries(gone);
    },
  };
}

const putKeys = (alert: Alert): string[] => [keys.alert(alert.id), keys.alertCounts(alert.rule.id), keys.alertChanges, ...setsOf(alert)];

function putArguments(alert: Alert): (string | number)[] {
  const { events, ...doc } = alert;
  const { id, rule, shadow, status, count, first_seen, last_seen } = doc;
  return [
    JSON.stringify(doc),
    JSON.stringify(events),
    rule.id,
    rule.level,
    shadow ? 1 : 0,
    status,
    count,
    first_seen,
    last_seen,
    id,
    placeOf(alert),
    limits.alertChangesMax,
  ];
}

/** The alerts at these places that match the query. */
async function matching(redis: Commands, query: AlertQuery, places: readonly string[]): Promise<Map<string, Alert>> {
  const facts = await readFacts(redis, places.map(idOfPlace));
  const wanted = places.filter((_, i) => facts[i] !== undefined && fits(query, facts[i]));
  const alerts = await readAlerts(redis, wanted.map(idOfPlace));
  const found = new Map<string, Alert>();
  wanted.forEach((place, i) => {
    const alert = alerts[i];
    // The alert may have been triaged since its fields were read.
    if (alert === undefined || !fits(query, factsOf(alert))) return;
    if (query.entity === undefined || concerns(alert, query.entity)) found.set(place, alert);
  });
  return found;
}

/** The reason why an alert cannot be stored; undefined if it can. */
function problemOf(alert: Alert): Error | undefined {
  if (!alertIdShape.test(alert.id)) return new Error(`not an alert id: ${JSON.stringify(alert.id)}`);
  try {
    placeOf(alert);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
