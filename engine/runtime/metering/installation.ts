/** The state of the whole installation at one moment, the same for every process: read from Redis, exposed by engine/metrics. */
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
  /** Arrival time of the oldest unread or pending entry; the time of Redis if there is none. */
  readonly clockMs: number;
  /** Send time of the last completed heartbeat, and how long it took; 0 if there is none. */
  readonly heartbeatMs: number;
  readonly heartbeatTookMs: number;
};

/**
 * Persistence of Redis, safest first: its append-only file is synced before each answer, every second, by the operating
 * system, or in an unknown mode; or there is none.
 */
export const durabilityModes = ['aof_always', 'aof_everysec', 'aof_no', 'aof', 'off'] as const;
export type Durability = (typeof durabilityModes)[number];

/** The number of window logs in Redis and their memory: counted, or estimated from a sample. */
export type Census = { readonly count: number; readonly bytes: number };

export type SiemDepth = {
  readonly depth: Readonly<Record<Level, number>>;
  readonly leased: number;
  /** Creation time of the oldest waiting alert, RFC 3339; null if none is waiting. */
  readonly oldest: string | null;
};

export type WebhooksState = {
  readonly targets: Readonly<Record<'fine' | 'failing' | 'disabled', number>>;
  /** Pending deliveries. */
  readonly waiting: number;
};

export type InstallationState = {
  readonly nowMs: number;
  readonly shards: readonly ShardState[];
  /** Alerts and updates in all outboxes. */
  readonly outbox: number;
  /** Counted by the Redis scripts that record them; all partitions together. */
  readonly windows: { readonly alerts: number; readonly muted: number; readonly capped: number };
  /** Stored alerts waiting to enter the SIEM queue. */
  readonly held: Readonly<Record<Level, number>>;
  readonly siem: Omit<SiemDepth, 'oldest'>;
  /** Creation time of the oldest waiting alert of each level, epoch ms; null if none is waiting. */
  readonly oldestMs: Readonly<Record<Level, number | null>>;
  readonly webhooks: WebhooksState;
  readonly deadLetters: number;
  readonly windowLogs: Census;
  readonly redis: { readonly usedBytes: number; readonly maxBytes: number; readonly durability: Durability };
};
