/**
 * Evidence in memory. A reference either carries its event, which then lives exactly as long as a log entry needs it, or
 * holds its position in a pack, which lives as long as one of its entries does.
 */
import type { Event, EventRef } from '../../core/event.ts';
import type { Evidence } from '../../runtime/alert/ports.ts';
import type { MemoryPacks } from '../decode/packs.ts';

export type MemoryRef = EventRef & { readonly event: Event };

export const memoryEvidence = (packs?: Pick<MemoryPacks, 'event'>): Evidence => ({
  fetch: async (refs) => refs.map((ref) => ('event' in ref ? (ref as MemoryRef).event : (packs?.event(ref) ?? 'expired'))),
});
