/**
 * Where the compiler's findings go. A Reporter stands for one document: it knows the file, and, once read, the
 * rule's id, and it counts the errors, so that the document can be left out when there was one.
 */
import type { Problem } from '../../core/problem.ts';
import type { Position } from './node.ts';
import type { ProblemCode } from './problem-codes.ts';

export type Report = (at: Position, code: ProblemCode, message: string, hint?: string) => void;

export type Reporter = {
  readonly file: string;
  readonly error: Report;
  readonly warn: Report;
  /** Names the rule in what is reported from here on. */
  name(ruleId: string): void;
  /** Errors so far. */
  errors(): number;
};

/** @param into findings are appended here. */
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
