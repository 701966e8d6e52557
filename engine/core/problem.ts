/** A finding in a rule file: where it is, what is wrong, and how to fix it. `check` prints it; the running engine logs it and continues. */
export type Problem = {
  /** Path of the file, as it was given. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly severity: 'error' | 'warning';
  /** Stable, kebab-case: `unknown-operator`. The full list, with an example each, is in docs/rule-problems.md. */
  readonly code: string;
  readonly message: string;
  /** How to fix it; empty where the message is enough. */
  readonly hint: string;
  readonly ruleId?: string;
};
