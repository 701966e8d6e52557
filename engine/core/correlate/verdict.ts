/**
 * The result of evaluating a log. The evaluator is a pure function
 *
 *     evaluate(rule, entries, moment) → Verdict
 *
 * over entries in (time, id) order without repeats (entry.ts). It is called again whenever the log has changed or a
 * review is due, and always evaluates the whole log: the same log gives the same verdict, so a repeat is harmless.
 */
import type { Entry } from './entry.ts';
import type { Arrival } from '../event.ts';

/** The moment of an evaluation. */
export type Moment = {
  /** The arrival clock: everything that arrived before it has been processed. */
  readonly clock: Arrival;
  /** Tolerated lateness, ms. */
  readonly latenessMs: number;
  /** Set at the end of an input: nothing more will arrive, and everything due by this event time is decided. */
  readonly closing: number | undefined;
};

/** Remaining steps of a search, or of all searches of an evaluation; below 0 it has given up. */
export type Budget = { left: number };

/** Consecutive entries of a list: `of[from]` up to, not including, `of[to]`. */
export type Span = { readonly of: readonly Entry[]; readonly from: number; readonly to: number };

/** One window that fulfils the rule. */
export type Fulfilment = {
  /** Event time at which the window ends; suppression and `created` in a replay use it. */
  readonly at: number;
  /** The entry that fulfilled it; the alert's id is made of it, rule and group. For an absence: the event that armed it. */
  readonly by: Entry;
  /** The aggregate, or, for sequences, the number of events that prove it. */
  readonly value: number;
  /**
   * The entries that take part, in (time, id) order: for aggregates the whole window, for sequences the proof. The list is
   * made at each read: a log of n entries can have n fulfilled windows of n entries, so storing all lists would take n².
   * Read it for one alert; for the entries of many fulfilments, use the spans.
   */
  readonly proof: readonly Entry[];
  /** The same as spans, in no order. */
  readonly spans: readonly Span[];
};

/** The result of evaluating a whole log, regardless of the clock. */
export type LogVerdict = {
  /** In (at, by) order. Fulfilments of the whole log, also those that were reported before. */
  readonly fulfilments: readonly Fulfilment[];
  /** The minimum number of further entries before another verdict is possible: 1 when unknown. */
  readonly slack: number;
  /**
   * For sums (Requirements.minWeight): the minimum sum of further positive values before another verdict is possible; 0 if
   * any value may be enough. Undefined if entries have no weight.
   */
  readonly room?: number;
  /**
   * Windows for which a bound was reached: left unfulfilled (limits.searchStepsMax, limits.searchesStepsMax), or evaluated
   * by a simpler approximation (limits.rejudgedMax).
   */
  readonly undecided: number;
};

export type Verdict = LogVerdict & {
  /** Arrival-clock time (epoch ms) at which this log must be evaluated again even if nothing arrives; undefined: never. */
  readonly reviewAt: number | undefined;
  /** The earliest event time that the review at `reviewAt` needs: entries from there on must stay in the log. */
  readonly holdFrom: number | undefined;
};
