/**
 * Stored alerts → webhooks: a delivery is queued for each target that wants the alert, then the alert is marked as
 * notified. Runs beside the SIEM queue and never throws: what fails here stays in the outbox, and the SIEM queue has
 * its own by then.
 */
import { asFailed, isStored, type AlertItem, type ForwardItem, type Stored } from '../item.ts';
import { advance, type Stage } from '../stage.ts';

const isUnnotified = (item: ForwardItem): item is AlertItem<Stored> => isStored(item) && !item.fate.notified;

export const notify: Stage = async (batch, { webhooks, store, now }) => {
  if (webhooks === undefined) return batch;
  return advance(batch, isUnnotified, async (items) => {
    const alerts = items.map(({ alert }) => alert);
    try {
      const answers = await webhooks.add(alerts, 'alert.created');
      const notified = alerts.filter((_, i) => answers[i] === 'notified').map(({ id }) => id);
      if (notified.length > 0) await store.markNotified(notified, now());
      return items.map((item, i) => {
        const answer = answers[i];
        return answer instanceof Error ? asFailed(item, answer) : item;
      });
    } catch (error) {
      return items.map((item) => asFailed(item, error as Error));
    }
  });
};
