/**
 * The way of forwarded alerts to webhooks: a delivery is queued for each target that wants them, then the alert is
 * marked as told. Beside the way to the SIEM queue, and never in front of it: whatever fails here keeps the item in the
 * outbox, and the SIEM queue has its own by then.
 */
import type { AlertStore, OutboxItem } from './ports.ts';
import type { Known } from './budget.ts';
import type { FanOut } from '../deliver/ports.ts';

type Ports = { readonly store: Pick<AlertStore, 'markTold'>; readonly webhooks?: FanOut; readonly now: () => number };

/** Gives the items whose alerts were not told, and why. Never throws. */
export async function tell({ webhooks, store, now }: Ports, known: readonly Known[]): Promise<ReadonlyMap<OutboxItem, Error>> {
  if (webhooks === undefined || known.length === 0) return new Map();
  const alerts = known.map(({ alert }) => alert);
  try {
    const answers = await webhooks.add(alerts, 'alert.created');
    const told = alerts.filter((_, i) => answers[i] === 'told').map(({ id }) => id);
    if (told.length > 0) await store.markTold(told, now());
    return new Map(
      known.flatMap(({ item }, i) => {
        const answer = answers[i];
        return answer instanceof Error ? [[item, answer]] : [];
      }),
    );
  } catch (error) {
    return new Map(known.map(({ item }) => [item, error as Error]));
  }
}
