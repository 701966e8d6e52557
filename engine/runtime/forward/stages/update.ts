/** New numbers of alerts (count, first_seen, last_seen) → alert store. Older ones than it has are done as well. */
import { asFailed, type ForwardItem, type UpdateItem } from '../item.ts';
import { advance, type Stage } from '../stage.ts';

const isNewUpdate = (item: ForwardItem): item is UpdateItem => item.kind === 'update' && item.fate.kind === 'taken';

export const update: Stage = (batch, { store, meter }) =>
  advance(batch, isNewUpdate, async (items) => {
    const answers = await store.update(items.map((item) => item.update));
    meter.add('updated', answers.filter((answer) => !(answer instanceof Error) && answer.applied).length);
    return items.map((item, i) => {
      const answer = answers[i];
      return answer instanceof Error ? asFailed(item, answer) : { ...item, fate: { kind: 'updated' } };
    });
  });
