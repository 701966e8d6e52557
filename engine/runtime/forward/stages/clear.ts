/** Items for which nothing is left to do leave the outbox. */
import { isDone } from '../item.ts';
import type { Stage } from '../stage.ts';

export const clear: Stage = async (batch, { outbox }) => {
  await outbox.remove(batch.filter(isDone).map(({ from }) => from));
  return batch;
};
