/** What is true of the whole installation at one moment, whichever process asks: read from Redis, shown by metrics.ts. */
import type { Level } from '../core/rule.ts';

export type ShardTruth = {
  /** In events. accepted = processed + dead + pendingEvents, read in one atomic step. */
  readonly accepted: number;
  readonly processed: number;
  readonly dead: number;
  /** Counted from the stream's entries, not from the counters. */
  readonly pendingEvents: number;
  readonly unreadEntries: number;
  readonly pendingEntries: number;
  /** Arrival of the oldest unread or pending entry; Redis's time when there is none. */
  readonly clockMs: number;
};

export type SiemDepth = {
  readonly depth: Readonly<Record<Level, number>>;
  readonly leased: number;
  /** When the oldest of the alerts at the heads of the five lines was created, RFC 3339; null when none waits. */
  readonly oldest: string | null;
};

export type WebhookTruth = {
  readonly targets: Readonly<Record<'fine' | 'failing' | 'disabled', number>>;
  /** Deliveries to come. */
  readonly waiting: number;
};

export type Truth = {
  readonly nowMs: number;
  readonly shards: readonly ShardTruth[];
  /** Alerts and updates in all outboxes. */
  readonly outbox: number;
  /** Counted by the scripts that did it, all partitions together. */
  readonly windows: { readonly alerts: number; readonly muted: number; readonly capped: number };
  /** Stored alerts that wait for room in the SIEM queue. */
  readonly held: Readonly<Record<Level, number>>;
  readonly siem: SiemDepth;
  readonly webhooks: WebhookTruth;
  readonly redis: { readonly usedBytes: number; readonly maxBytes: number };
};
