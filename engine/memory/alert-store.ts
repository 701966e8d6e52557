/** The alert store on Maps: for tests and for commands that end with the process. Meaning as in redis/alert-store.ts. */
import type { Alert, AlertUpdate } from '../core/alert.ts';
import { alertIdShape, concerns, cursorOf, factsOf, fits, placeOf, placeOfCursor, placeOfTime, timeOfPlace } from '../core/alert-query.ts';
import { limits } from '../core/limits.ts';
import type { AlertStore, Put } from '../runtime/forward-ports.ts';

export type AlertStoreOptions = { readonly alertsMsMax?: number; readonly alertsMax?: number; readonly alertScanMax?: number };

export function createAlertStore(options: AlertStoreOptions = {}): AlertStore {
  const { alertsMsMax = limits.alertsMsMax, alertsMax = limits.alertsMax, alertScanMax = limits.alertScanMax } = options;
  const alerts = new Map<string, { alert: Alert; place: string }>();
  const updates = new Map<string, AlertUpdate>();
  const queued = new Set<string>();
  const told = new Set<string>();

  function current(id: string): Alert | undefined {
    const found = alerts.get(id);
    if (found === undefined) return undefined;
    const update = updates.get(id);
    if (update === undefined) return found.alert;
    const { count, first_seen, last_seen } = update;
    return { ...found.alert, count, first_seen, last_seen };
  }

  function put(alert: Alert): Put | Error {
    if (!alertIdShape.test(alert.id)) return new Error(`not an alert id: ${JSON.stringify(alert.id)}`);
    let place: string;
    try {
      place = placeOf(alert);
    } catch (error) {
      return error as Error;
    }
    const created = !alerts.has(alert.id);
    if (created) alerts.set(alert.id, { alert, place });
    return { created, queued: queued.has(alert.id), told: told.has(alert.id) };
  }

  return {
    put: async (list) => list.map(put),
    async update(list) {
      return list.map((update) => {
        const applied = update.version > (updates.get(update.id)?.version ?? (alerts.has(update.id) ? 0 : -1));
        if (applied) updates.set(update.id, update);
        return { applied };
      });
    },
    async markQueued(ids) {
      for (const id of ids) if (alerts.has(id)) queued.add(id);
    },
    async markTold(ids) {
      for (const id of ids) if (alerts.has(id)) told.add(id);
    },
    standing: async (ids) => ids.map((id) => (queued.has(id) ? 'queued' : alerts.has(id) ? 'unqueued' : 'gone')),
    get: async (id) => current(id),
    getMany: async (ids) => ids.map(current),
    async search(query) {
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
    },
    async trim(nowMs) {
      const gone: Record<string, number> = {};
      let surplus = alerts.size - alertsMax;
      for (const { alert, place } of [...alerts.values()].sort((a, b) => (a.place < b.place ? -1 : 1))) {
        const due = surplus-- > 0 || timeOfPlace(place) < nowMs - alertsMsMax;
        if (!due || !(queued.has(alert.id) || alert.shadow)) continue;
        gone[alert.status] = (gone[alert.status] ?? 0) + 1;
        for (const forget of [alerts, updates, queued, told]) forget.delete(alert.id);
      }
      return gone;
    },
  };
}
