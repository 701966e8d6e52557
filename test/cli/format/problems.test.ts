/** The formats of problems: for people, for programs, for code scanners. */
import { expect, test } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { countText, formatProblems } from '../../../engine/cli/format/problems.ts';

const text = 'id: r\nlevle: high\nconditions:\n  all:\n  - { fact: a, operator: equl, value: 1 }\n';
const file = 'rules/a b.yaml';
const { problems } = compile([{ path: file, text }]);
const shown = problems.filter(({ code }) => code !== 'no-tests');
const view = { format: 'pretty', color: false, textOf: (path: string) => (path === file ? text : undefined) } as const;

test('pretty shows position, code, message, source line with a caret, and hint', () => {
  expect(formatProblems(shown, view)).toBe(
    [
      'rules/a b.yaml:2:1: error unknown-key: unknown key "levle" in rule',
      '    2 | levle: high',
      '      | ^',
      '  hint: did you mean "level"?',
      '',
      'rules/a b.yaml:5:26: error unknown-operator: unknown operator "equl"',
      '    5 |   - { fact: a, operator: equl, value: 1 }',
      '      |                          ^',
      '  hint: did you mean "equal"?',
    ].join('\n'),
  );
  expect(formatProblems([], view)).toBe('');
  expect(countText(problems)).toBe('2 errors, 1 warning');
});

test('colours are optional, and a file cannot control the terminal', () => {
  expect(formatProblems(shown, { ...view, color: true })).toContain('\u001b[31merror unknown-operator\u001b[0m');
  const hostile = { ...shown[0]!, message: 'x\u001b[2J\u202E\r\ny', line: 1, column: 1 };
  const output = formatProblems([hostile], { ...view, textOf: () => '\u001b]0;owned\u0007 id' });
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});

test('shows positions without source, past the end, after tabs, and far to the right', () => {
  const [problem] = shown;
  expect(formatProblems([problem!], { ...view, textOf: () => undefined }).split('\n')).toHaveLength(2);
  expect(formatProblems([{ ...problem!, line: 99 }], view).split('\n')).toHaveLength(2);
  expect(formatProblems([{ ...problem!, line: 1, column: 3 }], { ...view, textOf: () => '\t\tx' }).split('\n')[2]).toBe('      | \t\t^');
  const [, line, caret] = formatProblems([{ ...problem!, line: 1, column: 5_001 }], {
    ...view,
    textOf: () => `${'.'.repeat(5_000)}X${'.'.repeat(5_000)}`,
  }).split('\n');
  expect([line!.length < 200, line![caret!.indexOf('^')]]).toEqual([true, 'X']);
});

test('json prints the problems unchanged', () => {
  expect(JSON.parse(formatProblems(problems, { ...view, format: 'json' }))).toEqual({ problems });
});

test('SARIF 2.1.0 names rule, level and region', () => {
  const sarif = JSON.parse(formatProblems(shown, { ...view, format: 'sarif' }));
  expect(sarif.version).toBe('2.1.0');
  expect(sarif.runs[0].tool.driver).toEqual({ name: 'weir', rules: [{ id: 'unknown-key' }, { id: 'unknown-operator' }] });
  expect(sarif.runs[0].results[1]).toEqual({
    ruleId: 'unknown-operator',
    ruleIndex: 1,
    level: 'error',
    message: { text: 'unknown operator "equl" (did you mean "equal"?)' },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: 'rules/a%20b.yaml' }, region: { startLine: 5, startColumn: 26 } },
        logicalLocations: [{ name: 'r' }],
      },
    ],
  });
});
