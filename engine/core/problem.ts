/** A finding in a rule file: where, what, and what to do. `check` prints it; the running engine reports it and goes on. */
export type Problem = {
  /** Path as the reader of the files was given it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  /** Stable, kebab-case: `unknown-operator`. The full list, with an example each, is in docs/rule-problems.md. */
  readonly code: string;
  readonly message: string;
  /** What to do about it; empty where the message says it all. */
  readonly hint: string;
  readonly ruleId?: string;
};
