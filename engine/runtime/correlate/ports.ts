/**
 * The correlate stage's port: window logs and what one judgement changes in them. Two implementations, on Redis
 * (redis/correlate/) and on Maps (memory/correlate/, for replay and rule tests), and one contract suite for both
 * (test/contract/window-store.ts).
 *
 * Every write is idempotent: a caller that does not know whether it happened does it again.
 */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import type { AlertRecord, Mark } from '../../core/alert/fire.ts';
import { recountAfterMs, type JudgedLog } from '../../core/alert/judge.ts';
import type { Entry } from '../../core/correlate/entry.ts';
import type { Observations } from '../../core/correlate/observe.ts';
import type { LogTarget } from '../../core/correlate/target.ts';

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
export type AppendBuffer = Observations & {
  /** Entries in it. */
  readonly size: number;
  /** Appends them; the buffer is used up. */
  append(): Promise<Appended>;
};

export type WindowStore = {
  /** A buffer for the observations of one batch. */
  openAppend(): AppendBuffer;
  read(targets: readonly LogTarget[]): Promise<Snapshot[]>;
  records(targets: readonly LogTarget[]): Promise<AlertRecord[]>;
  /** `stale`: somebody else committed in between; read log and record again, the log first, and judge anew. */
  commit(commits: readonly Commit[]): Promise<('done' | 'stale')[]>;
  /** Reviews due at the clock (epoch ms), the earliest first, at most `max`. They stay due until a commit moves them. */
  due(clockMs: number, max: number): Promise<Review[]>;
  /** Forgets reviews whose rule is gone. */
  dismiss(reviews: readonly Review[]): Promise<void>;
};
