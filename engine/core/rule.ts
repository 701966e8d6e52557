/**
 * A rule as the engine runs it: whatever it was written in, it is a list of steps, and, if it correlates, one
 * correlation over them. A single-condition rule has one step; a Sigma rule will compile to the same values.
 *
 * All durations are milliseconds. Predicates are pure and synchronous; they read the event through a View.
 */
import type { View } from './match/view.ts';
import type { Datasets } from './ingest/dataset.ts';

export const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof levels)[number];

export const statuses = ['draft', 'shadow', 'live', 'off'] as const;
export type Status = (typeof statuses)[number];

/** The one type of a compiled condition, whatever language it was written in. Never throws for any JSON value. */
export type Predicate = (view: View) => boolean;

/** A field, interned: `slot` is its index in the rule set's field table (view.ts). */
export type Field = { readonly name: string; readonly slot: number };

export type Comparator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
export type Comparison = { readonly op: Comparator; readonly value: number };

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

export const aggregateKinds = ['event_count', 'value_count', 'value_sum', 'value_avg', 'value_min', 'value_max'] as const;
export const sequenceKinds = ['temporal', 'temporal_ordered'] as const;
export type AggregateKind = (typeof aggregateKinds)[number];
export type SequenceKind = (typeof sequenceKinds)[number];

type Windowed = {
  /** Names of the group, as the alert shows them. Empty: one global group. */
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  /** Judge only when the lateness is over. */
  readonly settle: boolean;
};

/** One number over a window, compared. `fields` is what is counted or summed; empty for event_count. */
export type Aggregate = Windowed & {
  readonly kind: AggregateKind;
  readonly fields: readonly Field[];
  /** All must hold. */
  readonly condition: readonly Comparison[];
  /** Set for a rule about single events that mutes: the window is one event (single.ts). */
  readonly single?: true;
};

/** Several steps in one window. */
export type Sequence = Windowed & { readonly kind: SequenceKind };

export type Correlation = Aggregate | Sequence;

/** `by` names the group of a muted single-event rule; correlated rules mute by their group. */
export type Suppress = { readonly forMs: number; readonly by: readonly Field[] };

/** Text with `{{field}}` places, split at load: a string is literal, an object is a place. */
export type Template = readonly (string | { readonly place: string })[];

/** Where a document stands. Lines and columns count from 1. */
export type Source = { readonly file: string; readonly line: number; readonly column: number };

export type RuleTest = {
  readonly name: string;
  readonly events: readonly { readonly [key: string]: unknown }[];
  /** Each expected alert names the keys it is compared on; [] says that nothing may fire. */
  readonly alerts: readonly { readonly [key: string]: unknown }[];
  readonly source: Source;
};

export type Rule = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly status: Status;
  readonly level: Level;
  readonly risk: number;
  readonly entities: readonly Field[];
  readonly tags: readonly string[];
  readonly message: Template | undefined;
  /** At least one. */
  readonly steps: readonly Step[];
  /** Undefined: every matching event is an alert of its own. */
  readonly correlation: Correlation | undefined;
  readonly suppress: Suppress | undefined;
  readonly tests: readonly RuleTest[];
  readonly source: Source;
  /** Hash of the whole document, for `alert.rule.hash`. */
  readonly hash: string;
  /** Hash of what shapes the window log (conditions, keys, fields, kind): logs are keyed by it, so that an edit of the threshold keeps them. */
  readonly shape: string;
};

/** The compiled rules: immutable, replaced whole when the files change. Made by compile/, asked by the loop. */

/** A step of a rule that an event matched. The same object for every event: `matcher` numbers them densely from 0. */
export type Matcher = { readonly rule: Rule; readonly step: number; readonly matcher: number };

export type RuleSet = {
  /** Every rule that compiled, whatever its status, in order of id. */
  readonly rules: readonly Rule[];
  readonly byId: ReadonlyMap<string, Rule>;
  readonly datasets: Datasets;
  /** A reader for this set's fields; one per loop, reused for all events. */
  view(): View;
  /** Steps of live and shadow rules whose condition holds for the event under the view. The array is reused by the next call. */
  match(view: View): readonly Matcher[];
  /** Tries what match would try, with a watch on each condition; `now` in ms. Slow: for samples. */
  time(view: View, now: () => number, spent: (rule: Rule, ms: number) => void): void;
  /** Changes with any rule or dataset. */
  readonly hash: string;
};
