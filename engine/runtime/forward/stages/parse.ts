/** Outbox items → alerts and updates. An item whose text is not the JSON of its id fails alone. */
import type { Alert, AlertUpdate } from '../../../core/alert/alert.ts';
import { asFailed, type ForwardItem } from '../item.ts';
import type { OutboxItem } from '../ports.ts';
import type { Stage } from '../stage.ts';

export const parse: Stage = async (batch) =>
  batch.map((item) => {
    try {
      return parsed(item.from);
    } catch (error) {
      return asFailed(item, error as Error);
    }
  });

function parsed(from: OutboxItem): ForwardItem {
  const value: unknown = JSON.parse(from.text);
  if (typeof value !== 'object' || value === null || (value as { id?: unknown }).id !== from.id)
    throw new Error(`not the ${from.kind} of ${from.id}`);
  const fate = { kind: 'taken' } as const;
  return from.kind === 'update'
    ? { kind: 'update', from, fate, update: value as AlertUpdate }
    : { kind: 'alert', from, fate, alert: value as Alert };
}
