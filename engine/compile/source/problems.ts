/**
 * Collects the compiler's problems. A Reporter belongs to one document: it knows the file and, once read, the rule's id.
 * It counts the errors, so that a document with errors can be left out.
 */
import { limits } from '../../core/limits.ts';
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

/** Takes problems: a list, or BoundedProblems. */
export type ProblemSink = { push(problem: Problem): unknown };

/**
 * The problems of several files: of each file a bounded number of errors and of warnings. The others are counted in one
 * more problem, so that no file can make a check print without end, and none with an error looks as if it had none.
 */
export class BoundedProblems {
  readonly #kept: Problem[] = [];
  readonly #counts = new Map<string, Record<Problem['severity'], number> & { dropped?: Problem }>();

  push(problem: Problem): void {
    const { file, severity } = problem;
    let counts = this.#counts.get(file);
    if (counts === undefined) this.#counts.set(file, (counts = { error: 0, warning: 0 }));
    counts[severity] += 1;
    if (counts[severity] <= limits.problemsPerFileMax) this.#kept.push(problem);
    else counts.dropped ??= problem;
  }

  /** In no order. */
  list(): Problem[] {
    const more = [...this.#counts].flatMap(([file, { error, warning, dropped }]): Problem[] => {
      if (dropped === undefined) return [];
      const { line, column } = dropped;
      const errors = Math.max(0, error - limits.problemsPerFileMax);
      const warnings = Math.max(0, warning - limits.problemsPerFileMax);
      const message = `${errors} further errors and ${warnings} further warnings of this file are not listed`;
      const code: ProblemCode = 'too-many-problems';
      return [{ file, line, column, severity: errors > 0 ? 'error' : 'warning', code, message, hint: 'fix the listed ones first' }];
    });
    return [...this.#kept, ...more];
  }
}

/** Messages quote what a file says, which may be a text of megabytes. */
const textLengthMax = 1000;
const cut = (text: string): string => (text.length > textLengthMax ? `${text.slice(0, textLengthMax)}…` : text);

/** @param into problems are appended here */
export function reporter(file: string, into: ProblemSink): Reporter {
  let ruleId: string | undefined;
  let errors = 0;
  const report =
    (severity: Problem['severity']): Report =>
    (at, code, message, hint = '') => {
      if (severity === 'error') errors++;
      const { line, column } = at;
      into.push({
        file,
        line,
        column,
        severity,
        code,
        message: cut(message),
        hint: cut(hint),
        ...(ruleId === undefined ? {} : { ruleId }),
      });
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
