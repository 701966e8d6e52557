/**
 * A rule as the engine runs it. Whatever language it was written in, it is a list of steps and, if it correlates, one
 * correlation over them. A single-condition rule has one step; a Sigma rule will compile to the same values.
 *
 * All durations are milliseconds.
 */
import type { Correlated, Correlation } from './correlate/kind.ts';
import type { Datasets } from './ingest/dataset.ts';
import type { View } from './match/view.ts';
import type { Field, Step } from './step.ts';

export const levels = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Level = (typeof levels)[number];

export const statuses = ['draft', 'shadow', 'live', 'off'] as const;
export type Status = (typeof statuses)[number];

/** `by` names the group of a single-event rule; alerts of correlated rules suppress others of their own group. */
export type Suppress = { readonly forMs: number; readonly by: readonly Field[] };

/** Text with `{{field}}` places, split when the rule is loaded: a string is literal, an object is a place. */
export type Template = readonly (string | { readonly place: string })[];

/** Position of a document. Lines and columns count from 1. */
export type Source = { readonly file: string; readonly line: number; readonly column: number };

export type RuleTest = {
  readonly name: string;
  readonly events: readonly { readonly [key: string]: unknown }[];
  /** Each expected alert lists the keys to compare. Empty: no alert may fire. */
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
  /** Undefined: every matching event is an alert. */
  readonly correlation: Correlation | undefined;
  readonly suppress: Suppress | undefined;
  readonly tests: readonly RuleTest[];
  readonly source: Source;
  /** Hash of the whole document, for `alert.rule.hash`. */
  readonly hash: string;
  /** Hash of everything that determines the window log (conditions, keys, fields, kind). Logs are keyed by it, so changing a threshold keeps them. */
  readonly shape: string;
};

/** The rule, as one that correlates; throws for a rule of single events, which has no window log. */
export function correlated(rule: Rule): Rule & Correlated {
  if (isCorrelated(rule)) return rule;
  throw new Error(`rule ${rule.id} has no correlation: nothing to evaluate`);
}

const isCorrelated = (rule: Rule): rule is Rule & Correlated => rule.correlation !== undefined;

/** A step of a rule that an event matched. The same object for every event: `matcher` numbers them densely from 0. */
export type Matcher = { readonly rule: Rule; readonly step: number; readonly matcher: number };

/** The compiled rules. Immutable, and replaced as a whole when the files change. Made by compile/, used by the pipeline. */
export type RuleSet = {
  /** Every rule that compiled, of any status, in order of id. */
  readonly rules: readonly Rule[];
  readonly byId: ReadonlyMap<string, Rule>;
  readonly datasets: Datasets;
  /** A reader for this set's fields; one per loop, reused for all events. */
  view(): View;
  /** The steps of live and shadow rules whose condition holds for the view's event. The next call reuses the array. */
  match(view: View): readonly Matcher[];
  /** Evaluates the conditions that match() would evaluate and times each one. Slow: for samples. @param now ms */
  time(view: View, now: () => number, spent: (rule: Rule, ms: number) => void): void;
  /** Changes with any rule or dataset. */
  readonly hash: string;
};
