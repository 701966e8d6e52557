/** The alert stage's ports: evidence for an alert, and the outbox for those of single events. */
import type { Alert } from '../../core/alert/alert.ts';
import type { Event, EventRef } from '../../core/event.ts';

/** Puts alerts of single events into the outbox; a repeat has no effect. */
export type Outbox = { add(alerts: readonly { alert: Alert; groupHash: string }[]): Promise<void> };

/** Fetches events as evidence; `expired` where the stream no longer has them. */
export type Evidence = { fetch(refs: readonly EventRef[]): Promise<(Event | 'expired')[]> };
