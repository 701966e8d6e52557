/**
 * A step: one condition on events, and what a sequence says about it. A rule has at least one; a rule over single
 * events, or one that counts them, has exactly one.
 *
 * All durations are milliseconds. Predicates are pure and synchronous; they read the event through a View.
 */
import type { View } from './match/view.ts';

/** The one type of a compiled condition, whatever language it was written in. Never throws for any JSON value. */
export type Predicate = (view: View) => boolean;

/** A field, interned: `slot` is its index in the rule set's field table (view.ts). */
export type Field = { readonly name: string; readonly slot: number };

/** How often a step must occur, and within how long (half-open, as every window: last − first < inMs). */
export type Times = { readonly gte: number; readonly inMs: number | undefined };

export type Step = {
  readonly name: string;
  /** True for `not: true`: the step must not happen. */
  readonly negative: boolean;
  readonly predicate: Predicate;
  /** This step's key names, as long as the correlation's groupBy. */
  readonly groupBy: readonly Field[];
  readonly times: Times;
  readonly withinMs: number | undefined;
};
