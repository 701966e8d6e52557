/** Errors that end a command: a message and a hint that a new user can act on, and an exit code. Bad input is never thrown beyond the edge. */
export const exitCodes = { fine: 0, findings: 1, usage: 2, output: 74, configuration: 78 } as const;

export class WeirError extends Error {
  readonly exitCode: number;
  /** What to do about it. */
  readonly hint: string;

  constructor(message: string, hint: string, exitCode: number = exitCodes.configuration) {
    super(message);
    this.name = 'WeirError';
    this.hint = hint;
    this.exitCode = exitCode;
  }
}
