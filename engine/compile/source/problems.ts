/**
 * Collects the compiler's problems. A Reporter belongs to one document: it knows the file and, once read, the rule's id.
 * It counts the errors, so that a document with errors can be left out.
 */
import type { Problem } from '../../core/problem.ts';
import type { Position } from './node.ts';
import type { ProblemCode } from './problem-codes.ts';

export type Report = (at: Position, code: ProblemCode, message: string, hint?: string) => void;

export type Reporter = {
  readonly file: string;
  readonly error: Report;
  readonly warn: Report;
  /** Sets the rule id of all further problems. */
  name(ruleId: string): void;
  /** The number of errors so far. */
  errors(): number;
};

/** @param into problems are appended here */
export function reporter(file: string, into: Problem[]): Reporter {
  let ruleId: string | undefined;
  let errors = 0;
  const report =
    (severity: Problem['severity']): Report =>
    (at, code, message, hint = '') => {
      if (severity === 'error') errors++;
      into.push({ file, line: at.line, column: at.column, severity, code, message, hint, ...(ruleId === undefined ? {} : { ruleId }) });
    };
  return {
    file,
    error: report('error'),
    warn: report('warning'),
    name: (id) => {
      ruleId = id;
    },
    errors: () => errors,
  };
}
