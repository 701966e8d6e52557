/** New alerts → alert store, create-only. From here on an alert is what the store has of it. */
import { limits } from '../../../core/limits.ts';
import { asFailed, isNewAlert, isStored, type AlertItem, type Fate, type ForwardItem } from '../item.ts';
import type { Put } from '../ports.ts';
import { advance, type ForwardPorts, type Stage } from '../stage.ts';

export const store: Stage = (batch, ports) =>
  advance(batch, isNewAlert, async (items) => {
    const puts = await ports.store.put(items.map(({ alert }) => alert));
    countCreated(ports.meter, items, puts);
    return asStored(ports.store, items, puts);
  });

function countCreated(meter: ForwardPorts['meter'], items: readonly AlertItem[], puts: readonly (Put | Error)[]): void {
  const created = items.filter((_, i) => (puts[i] as Partial<Put>).created);
  meter.add('stored', created.length);
  meter.add('shadowed', created.filter(({ alert }) => alert.shadow).length);
  const cut = created.filter(({ alert }) => alert.entities.length > limits.alertEntitiesMax).length;
  if (cut > 0) meter.addTo('cut', 'index', cut);
}

/**
 * Two workers on one event each write its alert at their own time. The one in the store counts: by it an alert waits in
 * one place. So what was stored before and is still to be queued is read again.
 */
async function asStored(
  alerts: ForwardPorts['store'],
  items: readonly AlertItem[],
  puts: readonly (Put | Error)[],
): Promise<ForwardItem[]> {
  const after = items.map((item, i) => afterPut(item, puts[i]!));
  const earlier = after.filter((item, i) => isStored(item) && !item.fate.queued && !(puts[i] as Put).created) as AlertItem[];
  if (earlier.length === 0) return after;
  const stored = await alerts.getMany(earlier.map(({ alert }) => alert.id));
  const found = new Map<ForwardItem, AlertItem>(earlier.map((item, i) => [item, { ...item, alert: stored[i] ?? item.alert }]));
  return after.map((item) => found.get(item) ?? item);
}

function afterPut(item: AlertItem, put: Put | Error): ForwardItem {
  if (put instanceof Error) return asFailed(item, put);
  const { queued, notified } = put;
  const fate: Fate = item.alert.shadow ? { kind: 'shadow' } : { kind: 'stored', queued, notified };
  return { ...item, fate };
}
