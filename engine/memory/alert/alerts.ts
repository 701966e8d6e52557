/** The alerts of a replay: takes the place of a running engine's outbox, forwarder and alert store. */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import { limits } from '../../core/limits.ts';
import { exitCodes, WeirError } from '../../errors.ts';
import type { Outbox } from '../../runtime/alert/ports.ts';
import type { OutboxSink } from '../correlate/window-store.ts';

export type MemoryAlerts = OutboxSink & Outbox & { /** Each alert once, with its newest numbers, by time of creation. */ all(): Alert[] };

/** @param evidenceMax events that all alerts may hold together; adding an alert throws a WeirError when they hold more */
export function memoryAlerts(evidenceMax: number = limits.replayEvidenceMax): MemoryAlerts {
  const alerts = new Map<string, Alert>();
  const updates = new Map<string, AlertUpdate>();
  let evidence = 0;

  const alert = (one: Alert): void => {
    if (alerts.has(one.id)) return;
    alerts.set(one.id, one);
    evidence += one.events.length;
    if (evidence > evidenceMax) throw tooMany([...alerts.values()], evidenceMax);
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

function tooMany(alerts: readonly Alert[], evidenceMax: number): WeirError {
  const counts = new Map<string, number>();
  for (const { rule } of alerts) counts.set(rule.id, (counts.get(rule.id) ?? 0) + 1);
  const [loudest, count] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
  return new WeirError(
    `too many alerts: after ${alerts.length} they hold more than ${evidenceMax} events, ${count} of them are of rule ${loudest}`,
    'Make that rule rarer (a threshold, suppress), or replay a part of the file.',
    exitCodes.findings,
  );
}

function updated(alert: Alert, update: AlertUpdate | undefined): Alert {
  if (update === undefined) return alert;
  const { count, first_seen, last_seen } = update;
  return { ...alert, count, first_seen, last_seen };
}

/** Years after 9999 and before 0 are written with more digits, so times are compared as numbers. */
const byTime = (a: Alert, b: Alert): number => Date.parse(a.created) - Date.parse(b.created) || (a.id < b.id ? -1 : 1);
