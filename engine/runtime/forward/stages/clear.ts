/**
 * Items for which nothing is left to do leave the outbox. Alerts that are kept from the SIEM queue are marked first as if it
 * had them: the store forgets no alert that is still to be queued, and these would stay in it for ever.
 */
import { isDone, isSuppressed } from '../item.ts';
import type { Stage } from '../stage.ts';

export const clear: Stage = async (batch, { outbox, store, now }) => {
  const suppressed = batch.filter(isSuppressed).map(({ alert }) => alert.id);
  if (suppressed.length > 0) await store.markQueued(suppressed, now());
  await outbox.remove(batch.filter(isDone).map(({ from }) => from));
  return batch;
};
