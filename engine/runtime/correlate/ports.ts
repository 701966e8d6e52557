/**
 * The correlate stage's port: window logs, and what one evaluation changes in them. Two implementations, on Redis
 * (redis/correlate/) and on Maps (memory/correlate/, for replay and rule tests), share one contract suite
 * (test/contract/window-store.ts).
 *
 * Every write is idempotent: a caller that does not know whether a write happened repeats it.
 */
import type { Alert, AlertUpdate } from '../../core/alert/alert.ts';
import type { AlertRecord, Mark } from '../../core/alert/fire.ts';
import { recountAfterMs, type JudgedLog } from '../../core/alert/judge.ts';
import type { Entry } from '../../core/correlate/entry.ts';
import type { Observations } from '../../core/correlate/observe.ts';
import type { LogTarget } from '../../core/correlate/target.ts';

/** Identifies a state of a log: within a generation a log only grows, so (generation, length) orders its states. */
export type LogVersion = { readonly generation: number; readonly length: number };

/** A log as it was read, and the state it was in. */
export type Snapshot = JudgedLog & { readonly version: LogVersion };

export type Appended = {
  /**
   * Logs in which the rule could be fulfilled, or that have grown enough to be tidied. They are returned even when the
   * entries were not new: after a crash between append and commit, the redelivery makes up for the missing commit.
   */
  readonly snapshots: readonly Snapshot[];
  /** Entries that were not appended: they would have opened a log, and the rule's budget of new logs is spent. */
  readonly refused: number;
};

/** What one evaluation changes, in one atomic step. */
export type Commit = {
  readonly target: LogTarget;
  /** The state of the log that was evaluated. */
  readonly judged: LogVersion;
  /**
   * Version of the alert record that the evaluation used. If the record has a newer version by now, or the log another
   * generation, nothing is written and the answer is `stale`. Undefined: nothing is fulfilled, so no record was read.
   */
  readonly recordVersion: number | undefined;
  /** The new content of the record; undefined: unchanged. */
  readonly marks: readonly Mark[] | undefined;
  /** The entries that were evaluated. */
  readonly judgedJournal: readonly Entry[];
  /**
   * Replaces the entries that were evaluated (tidied, in order of arrival), if the log still has the same generation.
   * Entries appended since are kept. Undefined: unchanged.
   */
  readonly journal: readonly Entry[] | undefined;
  /** Event time before which the new journal lacks entries, and whether the cap made that cut. Only with `journal`. */
  readonly cut: number;
  readonly cutByCap: boolean;
  /** Entries that the cap removed this time, for the counters. */
  readonly capped: number;
  /**
   * How much this log must still gain before append returns it again: entries (from the evaluated length, or from the
   * tidied one), or, for rules with weight, units of weight.
   */
  readonly slack: number;
  /** Entries between these event times fall into a suppression: they need no evaluation at once, only a recount. */
  readonly muted: { readonly from: number; readonly to: number } | undefined;
  /** Entries that arrived too late and are removed with this tidying, for the counters. */
  readonly late: number;
  /** Arrival-clock time of the next review; undefined: none. */
  readonly reviewAt: number | undefined;
  readonly alerts: readonly Alert[];
  readonly updates: readonly AlertUpdate[];
  /** Windows that were suppressed, for the counters. */
  readonly mutedWindows: number;
};

/**
 * When to evaluate a log again that has grown since it was evaluated, to correct the counts of its alerts (arrival clock,
 * epoch ms). Another worker that saw more entries may have committed first, and this commit overwrote its higher count.
 */
export function recountDue({ judgedJournal }: Commit): number | undefined {
  const newest = judgedJournal.at(-1);
  return newest === undefined ? undefined : newest.ref.ms + recountAfterMs(judgedJournal.length);
}

/** A review that is due: the log, even an empty one, must be evaluated although nothing arrived. */
export type Review = { readonly shape: string; readonly group: readonly string[]; readonly groupHash: string; readonly dueMs: number };

/** Where a review stands among the others, which are in order of due time, then of shape and group hash. */
export type ReviewPlace = Pick<Review, 'dueMs' | 'shape' | 'groupHash'>;

/** The place behind all reviews due at that time. */
export const endOfInstant = (dueMs: number): ReviewPlace => ({ dueMs, shape: '\uffff', groupHash: '' });

export function compareReviews(a: ReviewPlace, b: ReviewPlace): number {
  if (a.dueMs !== b.dueMs) return a.dueMs - b.dueMs;
  if (a.shape !== b.shape) return a.shape < b.shape ? -1 : 1;
  return a.groupHash === b.groupHash ? 0 : a.groupHash < b.groupHash ? -1 : 1;
}

/** The observations of one batch, collected until they are appended to the logs. */
export type AppendBuffer = Observations & {
  /** Number of entries. */
  readonly size: number;
  /** Appends the entries. The buffer cannot be used again. */
  append(): Promise<Appended>;
};

export type WindowStore = {
  /** A buffer for the observations of one batch. */
  openAppend(): AppendBuffer;
  read(targets: readonly LogTarget[]): Promise<Snapshot[]>;
  records(targets: readonly LogTarget[]): Promise<AlertRecord[]>;
  /** `stale`: another worker committed in between. Read the log again, then the record, and evaluate again. */
  commit(commits: readonly Commit[]): Promise<('done' | 'stale')[]>;
  /**
   * Reviews due at the clock (epoch ms), in order, at most `max`. They stay due until a commit moves them.
   * @param after only those behind this place
   */
  due(clockMs: number, max: number, after?: ReviewPlace): Promise<Review[]>;
  /** Removes reviews whose rule no longer exists, unless they are due at another time by now: then another process runs the rule. */
  dismiss(reviews: readonly Review[]): Promise<void>;
};
