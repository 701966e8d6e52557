/** Stored alerts → SIEM queue, or, where it has no room for their level (core/forward/admission.ts), the waiting list. */
import { placeOf } from '../../../core/alert/query.ts';
import { admit } from '../../../core/forward/admission.ts';
import { enqueue } from '../enqueue.ts';
import { isStored, type AlertItem, type Fate } from '../item.ts';
import { advance, type ForwardPorts, type Stage } from '../stage.ts';

export const queue: Stage = (batch, ports) =>
  advance(batch, isStored, async (items) => {
    const fates = await queued(
      ports,
      items.filter(({ fate }) => !fate.queued),
    );
    return items.map((item) => ({ ...item, fate: item.fate.queued ? { kind: 'already-queued' } : (fates.get(item) ?? unplaced(item)) }));
  });

/** Of a level that this version does not know, such as a newer one may have written: it stays until one that does comes. */
const unplaced = ({ alert }: AlertItem): Fate => ({
  kind: 'failed',
  error: new Error(`no place in the queue for the level ${alert.rule.level}`),
});

async function queued(ports: ForwardPorts, items: readonly AlertItem[]): Promise<ReadonlyMap<AlertItem, Fate>> {
  const fates = new Map<AlertItem, Fate>();
  if (items.length === 0) return fates;
  const [size, waiting] = await Promise.all([ports.siem.size(), ports.waiting.sizes()]);
  const candidates = items.map((item) => ({
    item,
    id: item.alert.id,
    level: item.alert.rule.level,
    createdMs: Date.parse(item.alert.created),
    place: placeOf(item.alert),
  }));
  const { enter, wait } = admit(candidates, size, waiting, ports.siemMax);
  if (wait.length > 0) {
    await ports.waiting.push(wait);
    for (const { item, level } of wait) {
      ports.meter.addTo('held', level);
      fates.set(item, { kind: 'waiting' });
    }
  }
  const answers = await enqueue(ports, enter);
  enter.forEach(({ item }, i) => {
    const answer = answers[i]!;
    fates.set(item, answer === true ? { kind: 'queued' } : { kind: 'failed', error: answer });
  });
  return fates;
}
