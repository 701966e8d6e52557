/** The decode stage's port: the event streams, as one consumer sees them. On Redis: redis/decode/streams.ts. */
import type { Arrival, EventRef, Located } from '../../core/event.ts';
import type { Envelope } from '../../core/ingest/envelope.ts';

/** One stream entry as read: its events, and what of it could not be decoded. */
export type Delivery = {
  readonly shard: number;
  readonly ms: number;
  readonly seq: number;
  /** How often it was handed out, this time included. */
  readonly deliveries: number;
  /** Events in the entry as its producer counted them; 0 for a heartbeat (heartbeat.ts), which counts as none. */
  readonly events: number;
  /**
   * The events, some at a time. Decoded anew each time, and not kept: parsed events that outlive their match cost
   * more to carry along, for the garbage collector and the caches, than those few cost that are decoded twice.
   */
  decode(): Iterable<Decoded>;
};

/** What could be read of an entry or of a part of it, and what not. */
export type Decoded = { readonly located: readonly Located[]; readonly undecodable: readonly DeadLetter[] };

export type DeadLetter = {
  readonly ref: EventRef;
  /** Which stage gave up, and why: shown to the operator. */
  readonly stage: 'decode' | 'correlate';
  readonly cause: string;
  /** The event's (or entry's) text, cut to a bound. */
  readonly body: string;
  /** What ingest had found out about the event, so that it can be given to it again as the same; not where it could not be read, or was cut. */
  readonly envelope?: Envelope;
};

export type Settlement = { readonly delivery: Delivery; readonly deadLetters: readonly DeadLetter[] };

/** The event streams, as one consumer sees them. */
export type EventStreams = {
  /** Unread entries, about `bytesMax` of them; waits up to `blockMs` when there are none. */
  read(bytesMax: number, blockMs: number): Promise<Delivery[]>;
  /** Entries that other consumers took and have not touched for `idleMs`. */
  claim(idleMs: number, max: number): Promise<Delivery[]>;
  /** Tells that this consumer still works on them. */
  touch(deliveries: readonly Delivery[]): Promise<void>;
  /** Counts a try of handling one event by itself, before it is made; returns the tries so far. A crash leaves its trace here. */
  tryAlone(delivery: Delivery, index: number): Promise<number>;
  /** That event came through: its tries are forgotten. */
  survived(delivery: Delivery, index: number): Promise<void>;
  /** Acknowledges; dead letters and counters are written, and tries of what was given up forgotten, only for what was really acknowledged by this call. */
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** The arrival clock: the oldest unread or pending entry of all shards, or Redis's time when there is none. */
  clock(): Promise<Arrival>;
  /** Drops what is older than `retentionMs`, acknowledged and read; returns entries dropped. */
  trim(retentionMs: number): Promise<number>;
  /** Takes consumers out of the group that have been silent for `idleMs` and have nothing pending; returns how many. */
  sweepConsumers(idleMs: number): Promise<number>;
  /** Leaves the group, unless entries are still pending (then others claim them). */
  leave(): Promise<void>;
};
