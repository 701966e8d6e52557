/** Brings the numbers of stored folds up to date, before they are queued. One that fails goes no further. */
import { asFailed, type AlertItem, type ForwardItem } from '../item.ts';
import { advance, type Stage } from '../stage.ts';

type Fold = AlertItem & Required<Pick<AlertItem, 'fold'>>;

const isFold = (item: ForwardItem): item is Fold => item.kind === 'alert' && item.fold !== undefined && item.fate.kind !== 'failed';

export const count: Stage = (batch, { store }) =>
  advance(batch, isFold, async (items) => {
    const answers = await store.update(items.map(({ fold }) => fold));
    return items.map((item, i) => {
      const answer = answers[i];
      return answer instanceof Error ? asFailed(item, answer) : item;
    });
  });
