/** The alert stage's ports: evidence for alerts, and the outbox for alerts of single-event rules. */
import type { Alert } from '../../core/alert/alert.ts';
import type { Event, EventRef } from '../../core/event.ts';

/** Puts alerts of single-event rules into the outbox. Repeating it has no effect. */
export type Outbox = { add(alerts: readonly { alert: Alert; groupHash: string }[]): Promise<void> };

/** Fetches events as evidence: `expired` in place of each that the stream no longer holds. */
export type Evidence = { fetch(refs: readonly EventRef[]): Promise<(Event | 'expired')[]> };
