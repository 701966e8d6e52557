/** The state of the whole installation at one moment, the same whichever process asks: read from Redis, shown by metrics. */
import type { Level } from '../../core/rule.ts';

export type ShardState = {
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
  /** When the last heartbeat that was settled had been sent, and how long it took; 0: none was. */
  readonly heartbeatMs: number;
  readonly heartbeatTookMs: number;
};

/**
 * How Redis keeps what it has acknowledged, the safest first: its append-only file is written before each answer, each
 * second, when the system decides, or in a way that is not known; or there is none.
 */
export const durabilityModes = ['aof_always', 'aof_everysec', 'aof_no', 'aof', 'off'] as const;
export type Durability = (typeof durabilityModes)[number];

/** Window logs in Redis, and the memory they take: counted, or estimated from a sample. */
export type Census = { readonly count: number; readonly bytes: number };

export type SiemDepth = {
  readonly depth: Readonly<Record<Level, number>>;
  readonly leased: number;
  /** When the oldest of the alerts at the heads of the five lines was created, RFC 3339; null when none waits. */
  readonly oldest: string | null;
};

export type WebhooksState = {
  readonly targets: Readonly<Record<'fine' | 'failing' | 'disabled', number>>;
  /** Deliveries to come. */
  readonly waiting: number;
};

export type InstallationState = {
  readonly nowMs: number;
  readonly shards: readonly ShardState[];
  /** Alerts and updates in all outboxes. */
  readonly outbox: number;
  /** Counted by the scripts that did it, all partitions together. */
  readonly windows: { readonly alerts: number; readonly muted: number; readonly capped: number };
  /** Stored alerts that wait for room in the SIEM queue. */
  readonly held: Readonly<Record<Level, number>>;
  readonly siem: Omit<SiemDepth, 'oldest'>;
  /** When the alert at the head of each level's line was created, epoch ms; null where none waits. */
  readonly oldestMs: Readonly<Record<Level, number | null>>;
  readonly webhooks: WebhooksState;
  readonly deadLetters: number;
  readonly windowLogs: Census;
  readonly redis: { readonly usedBytes: number; readonly maxBytes: number; readonly durability: Durability };
};
