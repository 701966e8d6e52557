/** What judging a log as it stands finds: a verdict without the clock. */
import type { Fulfilment } from './correlate/verdict.ts';

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
