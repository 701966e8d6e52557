/**
 * What an evaluation says of a log. The evaluator is a pure function
 *
 *     evaluate(rule, entries, moment) → Verdict
 *
 * over entries in (time, id) order without repeats (entry.ts). It is asked again whenever the log has changed or
 * a review is due, and always judges the whole log: the same log gives the same verdict, so a repeat is harmless.
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

/** Neighbours in a list of entries: `of[from]` up to, not including, `of[to]`. */
export type Span = { readonly of: readonly Entry[]; readonly from: number; readonly to: number };

/** One window that fulfils the rule. */
export type Fulfilment = {
  /** Event time at which the window ends; muting and `created` in replay go by it. */
  readonly at: number;
  /** The entry that fulfilled it; with rule and group it makes the alert's id. For an absence: the event that armed it. */
  readonly by: Entry;
  /** The aggregate, or, for sequences, the number of events that prove it. */
  readonly value: number;
  /**
   * The entries that take part, in (time, id) order: for aggregates the whole window, for sequences the proof. Made
   * anew whenever it is read: a log of n entries can have n fulfilled windows of n entries, and all written out
   * would be n². Read it for one alert; for what took part in many, use the spans (proof.ts).
   */
  readonly proof: readonly Entry[];
  /** The same as spans, in no order. */
  readonly spans: readonly Span[];
};

export type Verdict = {
  /** In (at, by) order. Fulfilments of the whole log, also those that were reported before. */
  readonly fulfilments: readonly Fulfilment[];
  /** How many further entries the log needs at least before another verdict is possible: 1 when unknown. */
  readonly slack: number;
  /** For sums (Gate.minWeight): how much further positive values must come to at least before another verdict is possible; 0: any. */
  readonly room?: number;
  /** Arrival-clock time (epoch ms) at which this log must be looked at again though nothing arrives; undefined: never. */
  readonly reviewAt: number | undefined;
  /** The earliest event time that what waits for `reviewAt` still looks at: entries from there on must stay in the log. */
  readonly holdFrom: number | undefined;
  /** Windows judged by the simpler approximation because a bound was reached (limits.searchStepsMax, limits.rejudgedMax). */
  readonly undecided: number;
};

/** What judging a log as it stands finds: a verdict without the clock. */
export type Findings = {
  /** In (at, by) order. */
  readonly fulfilments: readonly Fulfilment[];
  /** As in a Verdict. */
  readonly slack: number;
  /** As in a Verdict; left out where entries weigh nothing. */
  readonly room?: number;
  /** As in a Verdict. */
  readonly undecided: number;
};
