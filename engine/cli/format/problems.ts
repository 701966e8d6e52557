/**
 * Findings in rule files, for people, for programs and for code scanners.
 *
 *     rules/fraud/card-testing.yaml:8:31: error unknown-operator: unknown operator "equl"
 *        8 |     - { fact: a, operator: equl, value: 1 }
 *          |                            ^
 *       hint: did you mean "equal"?
 */
import type { Problem } from '../../core/problem.ts';
import { visible } from '../../core/util/control-characters.ts';
import { paint } from '../output.ts';

export const problemFormats = ['pretty', 'json', 'sarif'] as const;
export type ProblemFormat = (typeof problemFormats)[number];

export type ProblemsView = {
  readonly format: ProblemFormat;
  readonly color: boolean;
  /** The text of a file that was read; undefined if it is not available. */
  readonly textOf: (file: string) => string | undefined;
};

/** @returns text without a final line end; in the pretty format empty if there are no problems */
export function formatProblems(problems: readonly Problem[], view: ProblemsView): string {
  switch (view.format) {
    case 'json':
      return JSON.stringify({ problems }, undefined, 2);
    case 'sarif':
      return JSON.stringify(sarif(problems), undefined, 2);
    case 'pretty':
      return pretty(problems, view);
  }
}

/** `3 errors, 1 warning`. */
export function countText(problems: readonly Problem[]): string {
  const of = (severity: Problem['severity']): number => problems.filter((problem) => problem.severity === severity).length;
  return `${plural(of('error'), 'error')}, ${plural(of('warning'), 'warning')}`;
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** How many characters of a source line are shown: a minified JSON file is one line of a megabyte. */
const shownMax = 160;

function pretty(problems: readonly Problem[], { color, textOf }: ProblemsView): string {
  const lines = new Map<string, readonly string[]>();
  const lineOf = ({ file, line }: Problem): string | undefined => {
    let held = lines.get(file);
    if (held === undefined) lines.set(file, (held = textOf(file)?.split(/\r?\n/) ?? []));
    return held[line - 1];
  };
  return problems.map((problem) => block(problem, lineOf(problem), color).join('\n')).join('\n\n');
}

function block(problem: Problem, source: string | undefined, color: boolean): string[] {
  const { file, line, column, severity, code, message, hint } = problem;
  const label = paint(color, severity === 'error' ? 'red' : 'yellow', `${severity} ${code}`);
  const head = `${paint(color, 'bold', visible(`${file}:${line}:${column}`))}: ${label}: ${visible(message)}`;
  const shown = source === undefined ? [] : pointed(source, line, column, color);
  return [head, ...shown, ...(hint === '' ? [] : [`  ${paint(color, 'dim', 'hint:')} ${visible(hint)}`])];
}

/** The source line with a caret below the column; of a long line only the part around it. */
function pointed(source: string, line: number, column: number, color: boolean): string[] {
  const from = column > shownMax ? column - Math.floor(shownMax / 2) : 0;
  const before = source.slice(from, column - 1).replace(/[^\t]/gu, ' ');
  const number = String(line).padStart(5);
  const text = `${from > 0 ? '…' : ''}${visible(source.slice(from, from + shownMax))}`;
  return [`${number} | ${text}`, `${' '.repeat(number.length)} | ${from > 0 ? ' ' : ''}${before}${paint(color, 'red', '^')}`];
}

/** SARIF 2.1.0, as GitHub and editors read it. https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
function sarif(problems: readonly Problem[]): object {
  const codes = [...new Set(problems.map(({ code }) => code))].toSorted();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'weir', rules: codes.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        results: problems.map(({ file, line, column, severity, code, message, hint, ruleId }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: severity,
          message: { text: hint === '' ? message : `${message} (${hint})` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: file.split(/[\\/]/).map(encodeURIComponent).join('/') },
                region: { startLine: line, startColumn: column },
              },
              ...(ruleId === undefined ? {} : { logicalLocations: [{ name: ruleId }] }),
            },
          ],
        })),
      },
    ],
  };
}
