/** The decode stage's port: the event streams, as one consumer sees them. redis/decode/streams.ts implements it. */
import type { Arrival, EventRef, Located } from '../../core/event.ts';
import type { Envelope } from '../../core/ingest/envelope.ts';

/** One stream entry as read. */
export type Delivery = {
  readonly shard: number;
  readonly ms: number;
  readonly seq: number;
  /** How often it has been delivered, including this time. */
  readonly deliveries: number;
  /** Events in the entry, as its producer counted them; 0 for a heartbeat (ingest/heartbeat.ts). */
  readonly events: number;
  /**
   * The events, some at a time. They are decoded again on each call, and not kept: parsed events that outlive their
   * match cost the garbage collector and the caches more than it costs to decode a few of them twice.
   */
  decode(): Iterable<Decoded>;
};

/** The events of an entry, or of a part of it, and what could not be decoded. */
export type Decoded = { readonly located: readonly Located[]; readonly undecodable: readonly DeadLetter[] };

export type DeadLetter = {
  readonly ref: EventRef;
  /** The stage that gave up, and why; both are shown to the operator. */
  readonly stage: 'decode' | 'correlate';
  readonly cause: string;
  /** The event's (or entry's) text, cut to a bound. */
  readonly body: string;
  /** What ingest derived from the event, so that a retry keeps its identity. Missing when the event could not be decoded, or its text was cut. */
  readonly envelope?: Envelope;
};

export type Settlement = { readonly delivery: Delivery; readonly deadLetters: readonly DeadLetter[] };

/** The event streams, as one consumer sees them. */
export type EventStreams = {
  /** Unread entries, about `bytesMax` of them; waits up to `blockMs` when there are none. */
  read(bytesMax: number, blockMs: number): Promise<Delivery[]>;
  /** Takes over entries that other consumers have read and not touched for `idleMs`. */
  claim(idleMs: number, max: number): Promise<Delivery[]>;
  /** Renews this consumer's claim on entries that it is still handling. */
  touch(deliveries: readonly Delivery[]): Promise<void>;
  /** Counts a try of handling one event by itself, before the try is made, so that a crash leaves a trace. Returns the tries so far. */
  tryAlone(delivery: Delivery, index: number): Promise<number>;
  /** Removes the event's tries: it was handled without a crash. */
  survived(delivery: Delivery, index: number): Promise<void>;
  /**
   * Acknowledges. Dead letters and counters are written, and the tries of events that were given up are removed, only
   * for the entries that this call really acknowledged.
   */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** The arrival clock: the oldest unread or pending entry of all shards, or Redis's time when there is none. */
  clock(): Promise<Arrival>;
  /** Drops entries that are older than `retentionMs` and have been read and acknowledged; returns how many. */
  trim(retentionMs: number): Promise<number>;
  /** Removes from the group consumers that have been silent for `idleMs` and have nothing pending; returns how many. */
  sweepConsumers(idleMs: number): Promise<number>;
  /** Leaves the group, unless entries are still pending: other consumers will claim those. */
  leave(): Promise<void>;
};
