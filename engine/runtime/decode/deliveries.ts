/** The decode stage: deliveries become packs of events, one part at a time; what cannot be decoded, or was given up, becomes dead letters. */
import type { Located } from '../../core/event.ts';
import { envelopeOf } from '../../core/ingest/envelope.ts';
import { limits } from '../../core/limits.ts';
import type { DeadLetter, Delivery } from './ports.ts';

/**
 * Decodes one part at a time, so that at most one is in memory in parsed form.
 * @param undecodable gets the dead letters of each delivery that has some
 */
export function* packsOf(
  deliveries: readonly Delivery[],
  undecodable: Map<Delivery, readonly DeadLetter[]>,
): Generator<readonly Located[]> {
  for (const delivery of deliveries) {
    const letters: DeadLetter[] = [];
    for (const part of delivery.decode()) {
      letters.push(...part.undecodable);
      yield part.located;
    }
    if (letters.length > 0) undecodable.set(delivery, letters);
  }
}

/** A heartbeat is a pack without events (ingest/heartbeat.ts). */
export const isHeartbeat = ({ events }: Delivery): boolean => events === 0;

/** The dead letter of an event that was given up after the decode stage. */
export function deadLetterOf({ event, ref }: Located, cause: string): DeadLetter {
  const text = JSON.stringify(event.raw);
  const body = text.slice(0, limits.deadLetterBytesMax);
  return { ref, stage: 'correlate', cause, body, ...(body === text ? { envelope: envelopeOf(event) } : {}) };
}
