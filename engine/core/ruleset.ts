/** The compiled rules: immutable, replaced whole when the files change. Made by compile/, asked by the loop. */
import type { Datasets } from './ingest/dataset.ts';
import type { Rule } from './rule.ts';
import type { View } from './match/view.ts';

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
