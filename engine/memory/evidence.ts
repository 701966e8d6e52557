/** Evidence in memory: the reference itself carries the event, so that it lives exactly as long as a log entry needs it. */
import type { Event, EventRef } from '../core/event.ts';
import type { Evidence } from '../runtime/ports.ts';

export type MemoryRef = EventRef & { readonly event: Event };

export const memoryEvidence: Evidence = {
  fetch: async (refs) => refs.map((ref) => ('event' in ref ? (ref as MemoryRef).event : 'expired')),
};
