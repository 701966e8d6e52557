/**
 * A step: one condition on events, and what a sequence says about it. A rule has at least one; a rule over single
 * events, or one that counts them, has exactly one.
 *
 * All durations are milliseconds. Predicates are pure and synchronous; they read the event through a View.
 */
import type { View } from './match/view.ts';

/** A compiled condition, whatever language it was written in. Does not throw for any JSON value. */
export type Predicate = (view: View) => boolean;

/** An interned field: `slot` is its index in the rule set's field table (match/view.ts). */
export type Field = { readonly name: string; readonly slot: number };

/** How often a step must occur, and within what time (half-open, like every window: last − first < inMs). */
export type Times = { readonly gte: number; readonly inMs: number | undefined };

export type Step = {
  readonly name: string;
  /** True for `not: true`: the step must not happen. */
  readonly negative: boolean;
  readonly predicate: Predicate;
  /** The key fields of this step, one for each of the correlation's groupBy. */
  readonly groupBy: readonly Field[];
  readonly times: Times;
  readonly withinMs: number | undefined;
};
