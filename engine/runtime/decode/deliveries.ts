/** The decode stage: deliveries into packs of events, part after part; what cannot be read, or was given up, into dead letters. */
import type { Located } from '../../core/event.ts';
import { envelopeOf } from '../../core/ingest/envelope.ts';
import { limits } from '../../core/limits.ts';
import type { DeadLetter, Delivery } from './ports.ts';

/** Decodes part after part, so that no more than one lies parsed in memory; notes what could not be read. */
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

/** A pack of no events (ingest/heartbeat.ts). */
export const isHeartbeat = ({ events }: Delivery): boolean => events === 0;

/** An event that was given up behind the decode stage. */
export function deadLetter({ event, ref }: Located, cause: string): DeadLetter {
  const text = JSON.stringify(event.raw);
  const body = text.slice(0, limits.deadLetterBytesMax);
  return { ref, stage: 'correlate', cause, body, ...(body === text ? { envelope: envelopeOf(event) } : {}) };
}
