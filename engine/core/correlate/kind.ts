/**
 * A kind of correlation as an object, for example everything the engine needs to know about `value_sum` to run its rules. A
 * correlation carries its kind, so the rest of the engine calls these methods and never checks for a kind by name.
 *
 *     match ──▶ observe ──▶ store ────────▶ evaluate ────▶ tidy ──▶ alert
 *               values      requirements    evaluateLog    thin     reason
 *                           horizonMs       isMonotone, …           explain
 *
 * A new kind is a file in aggregate/ or sequence/ and a line in kinds.ts, plus a reader of its keys in compile/correlate/
 * and a line in readers.ts. test/properties/kinds.test.ts checks every registered kind.
 */
import type { Entry } from './entry.ts';
import type { Field, Step } from '../step.ts';
import type { Values } from './values.ts';
import type { Budget, Fulfilment, LogVerdict, Moment, Verdict } from './verdict.ts';

/** What every correlation has. A kind adds what it reads of its own keys (Aggregate in aggregate/aggregate.ts). */
export type Correlation = {
  readonly kind: CorrelationKind;
  /** Names of the group, as the alert shows them. Empty: one global group. */
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  /** True to evaluate only when the lateness is over. */
  readonly settle: boolean;
  /** The fields of which the entries' values are read; empty for kinds that need no value. */
  readonly fields: readonly Field[];
  /** Set for a rule about single events that suppresses: the window is one event (alert/single-event.ts). */
  readonly singleEvent?: true;
};

/** What a kind sees of a rule. */
export type Correlated<C extends Correlation = Correlation> = { readonly steps: readonly Step[]; readonly correlation: C };

/**
 * The methods are declared as methods, not as properties, so that a kind for its own correlations
 * (`CorrelationKind<Aggregate>`) is a `CorrelationKind`: each kind is called only with correlations that carry it.
 */
export type CorrelationKind<C extends Correlation = Correlation, Name extends string = string> = {
  /** As rule files write it: `type: value_sum`. */
  readonly name: Name;

  /** What entries carry. */
  values(correlation: C): Values;

  /** What a log must hold before it is worth evaluating. */
  requirements(rule: Correlated<C>): Requirements;

  /** How far before its end a window may look, ms. */
  horizonMs(rule: Correlated<C>): number;

  /**
   * True when further entries, including late ones, never undo a fulfilment.
   * @param log the answer is for this log, as long as further entries are like those in it; omitted: for every log
   */
  isMonotone(rule: Correlated<C>, log?: readonly Entry[]): boolean;

  /** Evaluates every window of a log, regardless of the clock. @param log as arrange() returns it */
  evaluateLog(rule: Correlated<C>, log: readonly Entry[], budget: Budget): LogVerdict;

  /** True when a window may end at the entry. */
  mayEndAt(rule: Correlated<C>, entry: Entry): boolean;

  /** For kinds with rules that a timer decides, because they wait for an event that must not come. */
  readonly absence?: Absence<C>;

  /** The entries of a log over its cap, without those on which no verdict can depend, even with late events. */
  thin(rule: Correlated<C>, entries: readonly Entry[]): readonly Entry[];

  /** True when every fulfilment is one stretch of the log, so that counts are differences of running sums (alert/tally.ts). */
  readonly isContiguous: boolean;

  /** Why the window fulfils the rule: the sentence in alerts. @param whose names the group: ` for user.id=eve`, or nothing */
  reason(rule: Correlated<C>, fulfilment: Fulfilment, whose: string): string;

  /** The condition, as it follows the kind's name and fields: `gte 5 in 10m`. */
  explain(rule: Correlated<C>): string;
};

export type Requirements = {
  /** A log with fewer entries cannot be fulfilled. */
  readonly minEntries: number;
  /** Bit s is set for each step s that must be in the log. An unsigned 32-bit number: limits.stepsMax is 32. */
  readonly needSteps: number;
  /**
   * For sums: the rule cannot be fulfilled while the values of the log add up to less than this. Undefined: the rule has no
   * positive minimum sum, and its entries have no weight.
   */
  readonly minWeight: number | undefined;
};

export type Absence<C extends Correlation> = {
  /** How long the rule waits after its last event, ms; undefined: events decide this rule. */
  waitMs(rule: Correlated<C>): number | undefined;
  /** The verdict on a rule that waits. */
  evaluate(rule: Correlated<C>, log: readonly Entry[], moment: Moment, budget: Budget): Verdict;
};
