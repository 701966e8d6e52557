/**
 * What the loop needs from the world, as verbs. Two implementations each: on Redis (redis/) and on Maps (memory/,
 * for replay and rule tests). One contract suite runs on both (test/contract/).
 *
 * Every write is idempotent: a caller that does not know whether it happened does it again.
 */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import type { Envelope } from '../../core/ingest/envelope.ts';
import type { Arrival, Event, EventRef, Located } from '../../core/event.ts';
import type { Entry } from '../../core/correlate/entry.ts';
import type { AlertRecord, Mark } from '../../core/alert/fire.ts';
import { type JudgedLog, recountAfterMs } from '../../core/alert/judge.ts';
import type { LogTarget, Observations } from '../../core/correlate/observe.ts';

export type { LogTarget } from '../../core/correlate/observe.ts';

/** Names a state of a log: logs only grow within a generation, so (generation, length) orders the states. */
export type LogVersion = { readonly generation: number; readonly length: number };

/** A log as it was read, and the state it was in. */
export type Snapshot = JudgedLog & { readonly version: LogVersion };

export type Appended = {
  /**
   * Logs in which the rule could be fulfilled, or that have grown enough to be tidied: whether or not the entries
   * were new, since a crash between append and commit is repaired by the redelivery.
   */
  readonly snapshots: readonly Snapshot[];
  /** Entries that would have opened a log over the rule's budget of new logs: not appended. */
  readonly refused: number;
};

export type { AlertRecord, Mark } from '../../core/alert/fire.ts';

/** What one evaluation changes, in one atomic step. */
export type Commit = {
  readonly target: LogTarget;
  /** The log state that was judged. */
  readonly judged: LogVersion;
  /**
   * Version of the record that was judged against; if it has moved on, or the log is of another generation, nothing is
   * written and the answer is `stale`. Undefined: nothing is fulfilled, so no record was read.
   */
  readonly recordVersion: number | undefined;
  /** The record from now on; undefined: unchanged. */
  readonly marks: readonly Mark[] | undefined;
  /** The entries that were judged. */
  readonly judgedJournal: readonly Entry[];
  /** The log from now on (tidied, in order of arrival), if it is still of the judged generation; what was appended since stays. Undefined: unchanged. */
  readonly journal: readonly Entry[] | undefined;
  /** Event time before which the new journal lacks entries, and whether the cap made that cut. Only with `journal`. */
  readonly cut: number;
  readonly cutByCap: boolean;
  /** Entries the cap took this time, for the counters. */
  readonly capped: number;
  /**
   * What this log must still gain before it is returned again by append: entries (from the judged length, or from the
   * tidied one), or, for rules with weight, units of it.
   */
  readonly slack: number;
  /** Entries between these event times belong to a mute: they need no verdict at once, only a recount. */
  readonly muted: { readonly from: number; readonly to: number } | undefined;
  /** Entries that came too late and go with this tidying, for the counters. */
  readonly late: number;
  /** Arrival-clock time of the next review; undefined: none. */
  readonly reviewAt: number | undefined;
  readonly alerts: readonly Alert[];
  readonly updates: readonly AlertUpdate[];
  /** Windows that were muted, for the counters. */
  readonly mutedWindows: number;
};

/**
 * When a log that has grown since it was judged is judged once more for the numbers of its alerts (arrival clock, epoch
 * ms): whoever saw more of it may have committed before, and its higher count was overwritten.
 */
export function recountDue({ judgedJournal }: Commit): number | undefined {
  const newest = judgedJournal.at(-1);
  return newest === undefined ? undefined : newest.ref.ms + recountAfterMs(judgedJournal.length);
}

/** A review that is due: the log, or its emptiness, must be judged though nothing arrived. */
export type Review = { readonly shape: string; readonly group: readonly string[]; readonly groupHash: string; readonly dueMs: number };

/** The observations of one batch on their way into the logs. */
export type Gathering = Observations & {
  /** Entries gathered. */
  readonly size: number;
  /** Appends them; the gathering is used up. */
  append(): Promise<Appended>;
};

export type WindowStore = {
  gather(): Gathering;
  read(targets: readonly LogTarget[]): Promise<Snapshot[]>;
  records(targets: readonly LogTarget[]): Promise<AlertRecord[]>;
  /** `stale`: somebody else committed in between; read log and record again, the log first, and judge anew. */
  commit(commits: readonly Commit[]): Promise<('done' | 'stale')[]>;
  /** Reviews due at the clock (epoch ms), the earliest first, at most `max`. They stay due until a commit moves them. */
  due(clockMs: number, max: number): Promise<Review[]>;
  /** Forgets reviews whose rule is gone. */
  dismiss(reviews: readonly Review[]): Promise<void>;
};

/** Puts alerts of single events into the outbox; a repeat has no effect. */
export type Outbox = { add(alerts: readonly { alert: Alert; groupHash: string }[]): Promise<void> };

/** Fetches events as evidence; `expired` where the stream no longer has them. */
export type Evidence = { fetch(refs: readonly EventRef[]): Promise<(Event | 'expired')[]> };

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
