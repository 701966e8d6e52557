/**
 * The alert store with its triage and its stream of changes, on Maps, for tests. It behaves like engine/redis/alert/store.ts
 * and engine/redis/alert/triage.ts, but counts the alerts of a rule only when asked.
 */
import type { Alert, AlertUpdate } from '../../../engine/core/alert/alert.ts';
import {
  alertIdShape,
  concerns,
  cursorOf,
  factsOf,
  fits,
  placeOf,
  placeOfCursor,
  placeOfTime,
  timeOfPlace,
  type AlertQuery,
} from '../../../engine/core/alert/query.ts';
import { limits } from '../../../engine/core/limits.ts';
import type { AlertStore, Put } from '../../../engine/runtime/forward/ports.ts';
import type { AlertChanges } from '../../../engine/runtime/alert/changes.ts';
import type { TriageStore } from '../../../engine/runtime/alert/triage.ts';
import { memoryChanges } from './alert-changes.ts';
import { memoryTriage } from './alert-triage.ts';

export type AlertStoreOptions = { readonly alertsMsMax?: number; readonly alertsMax?: number; readonly alertScanMax?: number };

export type MemoryAlertStore = AlertStore & { readonly triage: TriageStore; readonly changes: AlertChanges };

export function createAlertStore(options: AlertStoreOptions = {}): MemoryAlertStore {
  const { alertsMsMax = limits.alertsMsMax, alertsMax = limits.alertsMax, alertScanMax = limits.alertScanMax } = options;
  const alerts = new Map<string, { alert: Alert; place: string }>();
  const updates = new Map<string, AlertUpdate>();
  const queued = new Set<string>();
  const notified = new Set<string>();
  const changes = memoryChanges();
  const triage = memoryTriage({ current: fired, all: () => [...alerts.keys()], changes });

  /** The alert with its newest counts, without triage. */
  function fired(id: string): Alert | undefined {
    const found = alerts.get(id);
    if (found === undefined) return undefined;
    const update = updates.get(id);
    if (update === undefined) return found.alert;
    const { count, first_seen, last_seen } = update;
    return { ...found.alert, count, first_seen, last_seen };
  }
  const current = (id: string): Alert | undefined => triage.laidOver(fired(id));

  function put(alert: Alert): Put | Error {
    if (!alertIdShape.test(alert.id)) return new Error(`not an alert id: ${JSON.stringify(alert.id)}`);
    let place: string;
    try {
      place = placeOf(alert);
    } catch (error) {
      return error as Error;
    }
    const created = !alerts.has(alert.id);
    if (created) {
      alerts.set(alert.id, { alert, place });
      changes.created(alert.id);
    }
    return { created, queued: queued.has(alert.id), notified: notified.has(alert.id) };
  }

  function applied(one: AlertUpdate): { applied: boolean } {
    const was = fired(one.id);
    const newer = one.version > (updates.get(one.id)?.version ?? (was === undefined ? -1 : 0));
    if (!newer) return { applied: false };
    updates.set(one.id, one);
    if (was !== undefined && (['count', 'first_seen', 'last_seen'] as const).some((name) => was[name] !== one[name]))
      changes.counted(one.id);
    return { applied: true };
  }

  function search(query: AlertQuery): { alerts: Alert[]; next: string | undefined } {
    const before = query.after === undefined ? undefined : placeOfCursor(query.after);
    const places = [...alerts.values()]
      .map(({ place, alert }) => ({ place, id: alert.id }))
      .filter(({ place }) => before === undefined || place < before)
      .filter(({ place }) => query.since === undefined || place >= placeOfTime(query.since))
      .filter(({ place }) => query.until === undefined || place < placeOfTime(query.until))
      .sort((a, b) => (a.place < b.place ? 1 : -1));
    const limit = Math.max(1, Math.min(query.limit, limits.alertPageMax));
    const found: Alert[] = [];
    for (const [index, { place, id }] of places.entries()) {
      const alert = current(id)!;
      if (fits(query, factsOf(alert)) && (query.entity === undefined || concerns(alert, query.entity))) found.push(alert);
      const done = index === places.length - 1;
      if (found.length === limit || index + 1 === alertScanMax) return { alerts: found, next: done ? undefined : cursorOf(place) };
    }
    return { alerts: found, next: undefined };
  }

  function trim(nowMs: number): Record<string, number> {
    const gone: Record<string, number> = {};
    let surplus = alerts.size - alertsMax;
    for (const { alert, place } of [...alerts.values()].sort((a, b) => (a.place < b.place ? -1 : 1))) {
      const due = surplus-- > 0 || timeOfPlace(place) < nowMs - alertsMsMax;
      if (!due || !(queued.has(alert.id) || alert.shadow)) continue;
      const { status } = current(alert.id)!;
      gone[status] = (gone[status] ?? 0) + 1;
      for (const forget of [alerts, updates, queued, notified]) forget.delete(alert.id);
      triage.forget(alert.id);
    }
    return gone;
  }

  return {
    put: async (list) => list.map(put),
    update: async (list) => list.map(applied),
    async markQueued(ids) {
      for (const id of ids) if (alerts.has(id)) queued.add(id);
    },
    async markNotified(ids) {
      for (const id of ids) if (alerts.has(id)) notified.add(id);
    },
    standing: async (ids) => ids.map((id) => (queued.has(id) ? 'queued' : alerts.has(id) ? 'unqueued' : 'gone')),
    get: async (id) => current(id),
    getMany: async (ids) => ids.map(current),
    briefs: async (ids) => ids.map((id) => withoutEvents(current(id))),
    search: async (query) => search(query),
    trim: async (nowMs) => trim(nowMs),
    triage,
    changes,
  };
}

function withoutEvents(alert: Alert | undefined) {
  if (alert === undefined) return undefined;
  const { events: _, ...brief } = alert;
  return brief;
}
