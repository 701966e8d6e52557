/** The alerts of a replay: what the outbox, the forwarder and the alert store are together in a running engine. */
import type { Alert, AlertUpdate } from '../core/alert.ts';
import type { Outbox } from '../runtime/ports.ts';
import type { OutboxSink } from './window-store.ts';

export type MemoryAlerts = OutboxSink & Outbox & { /** Each alert once, with its newest numbers, by time of creation. */ all(): Alert[] };

export function memoryAlerts(): MemoryAlerts {
  const alerts = new Map<string, Alert>();
  const updates = new Map<string, AlertUpdate>();

  const alert = (one: Alert): void => {
    if (!alerts.has(one.id)) alerts.set(one.id, one);
  };
  return {
    alert,
    update(one) {
      if (one.version > (updates.get(one.id)?.version ?? 0)) updates.set(one.id, one);
    },
    add: async (items) => items.forEach((item) => alert(item.alert)),
    all: () => [...alerts.values()].map((one) => updated(one, updates.get(one.id))).sort(byTime),
  };
}

function updated(alert: Alert, update: AlertUpdate | undefined): Alert {
  if (update === undefined) return alert;
  const { count, first_seen, last_seen } = update;
  return { ...alert, count, first_seen, last_seen };
}

/** Years beyond 9999 and before 0 have another length, so times are compared as numbers. */
const byTime = (a: Alert, b: Alert): number => Date.parse(a.created) - Date.parse(b.created) || (a.id < b.id ? -1 : 1);
