/**
 * What an evaluation says of a log. The evaluator is a pure function
 *
 *     evaluate(rule, entries, moment) → Verdict
 *
 * over entries in (time, id) order without repeats (entry.ts). It is called again whenever the log has changed or a
 * review is due, and always evaluates the whole log: the same log gives the same verdict, so a repeat is harmless.
 */
import type { Entry } from './entry.ts';
import type { Arrival } from '../event.ts';

/** When the log is looked at. */
export type Moment = {
  /** The arrival clock: everything that arrived before has been worked off. */
  readonly clock: Arrival;
  /** Tolerated lateness, ms. */
  readonly latenessMs: number;
  /** Set at the end of an input: nothing more will arrive, and what is due by this event time is decided. */
  readonly closing: number | undefined;
};

/** Steps left of a search; below 0 it has given up. One budget is shared by all searches of an evaluation. */
export type Budget = { left: number };

/** Neighbours in a list of entries: `of[from]` up to, not including, `of[to]`. */
export type Span = { readonly of: readonly Entry[]; readonly from: number; readonly to: number };

/** One window that fulfils the rule. */
export type Fulfilment = {
  /** Event time at which the window ends; suppression and `created` in replay go by it. */
  readonly at: number;
  /** The entry that fulfilled it; with rule and group it makes the alert's id. For an absence: the event that armed it. */
  readonly by: Entry;
  /** The aggregate, or, for sequences, the number of events that prove it. */
  readonly value: number;
  /**
   * The entries that take part, in (time, id) order: for aggregates the whole window, for sequences the proof. Made
   * anew whenever it is read: a log of n entries can have n fulfilled windows of n entries, and all written out
   * would be n². Read it for one alert; for what took part in many, use the spans.
   */
  readonly proof: readonly Entry[];
  /** The same as spans, in no order. */
  readonly spans: readonly Span[];
};

/** What evaluating a log as it stands finds, whatever the clock says. */
export type LogVerdict = {
  /** In (at, by) order. Fulfilments of the whole log, also those that were reported before. */
  readonly fulfilments: readonly Fulfilment[];
  /** How many further entries the log needs at least before another verdict is possible: 1 when unknown. */
  readonly slack: number;
  /**
   * For sums (Requirements.minWeight): how much further positive values must come to at least before another verdict is
   * possible; 0: any. Left out where entries weigh nothing.
   */
  readonly room?: number;
  /** Windows evaluated by the simpler approximation because a bound was reached (limits.searchStepsMax, limits.rejudgedMax). */
  readonly undecided: number;
};

export type Verdict = LogVerdict & {
  /** Arrival-clock time (epoch ms) at which this log must be looked at again though nothing arrives; undefined: never. */
  readonly reviewAt: number | undefined;
  /** The earliest event time that what waits for `reviewAt` still looks at: entries from there on must stay in the log. */
  readonly holdFrom: number | undefined;
};
