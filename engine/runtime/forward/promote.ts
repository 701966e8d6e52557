/** Waiting list → SIEM queue: lets waiting alerts in while there is room, the most urgent first. */
import { idOfPlace, placeOfTime, timeOfPlace } from '../../core/alert/query.ts';
import { boundOf, levelsByUrgency } from '../../core/forward/admission.ts';
import { limits } from '../../core/limits.ts';
import type { Level } from '../../core/rule.ts';
import { enqueue } from './enqueue.ts';
import type { ForwardPorts } from './stage.ts';

export type PromotePorts = Pick<ForwardPorts, 'waiting' | 'siem' | 'store' | 'meter' | 'now' | 'siemMax'>;

/** One step, of at most `limits.forwardBatchMax` alerts a level. Gives how many need not wait any longer. */
export async function promote(ports: PromotePorts): Promise<number> {
  const waiting = await ports.waiting.sizes();
  if (levelsByUrgency.every((level) => waiting[level] === 0)) return 0;
  let size = await ports.siem.size();
  let left = 0;
  for (const level of levelsByUrgency) {
    const room = Math.min(boundOf(level, ports.siemMax) - size, limits.forwardBatchMax);
    if (waiting[level] === 0 || room <= 0) continue;
    const { queued, over } = await promoteLevel(ports, level, room);
    size += queued;
    left += queued + over;
  }
  return left;
}

/** `over`: those that had been queued or forgotten meanwhile. */
async function promoteLevel(ports: PromotePorts, level: Level, room: number): Promise<{ queued: number; over: number }> {
  const places = await ports.waiting.head(level, room);
  const standing = await ports.store.standing(places.map(idOfPlace));
  const candidates = places.flatMap((place, i) =>
    standing[i] === 'unqueued' ? [{ id: idOfPlace(place), level, createdMs: timeOfPlace(place), place }] : [],
  );
  const answers = await enqueue(ports, candidates);
  // What failed goes behind the others, so that it does not stand in front for ever.
  const behind = placeOfTime(ports.now());
  const back = candidates.filter((_, i) => answers[i] !== true).map(({ id }) => ({ level, place: behind + id }));
  if (back.length > 0) {
    ports.meter.add('forwardFailures', back.length);
    await ports.waiting.push(back);
  }
  const stays = new Set(back.map(({ place }) => place));
  await ports.waiting.remove(
    level,
    places.filter((place) => !stays.has(place)),
  );
  return { queued: candidates.length - back.length, over: places.length - candidates.length };
}
