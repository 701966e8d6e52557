/** Files and documents: what can be wrong with a text before it is read as a rule. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { limits } from '../../../engine/core/limits.ts';
import { compileText, findings, problemOf } from '../../support/compiled.ts';

const good = (id: string): string => `id: ${id}\nconditions: { all: [ { fact: a, operator: equal, value: 1 } ] }\n`;
const ids = (text: string, path?: string) => compileText(text, path).ruleset.rules.map(({ id }) => id);

describe('several documents', () => {
  test('come from one YAML file, a list or a JSON array', () => {
    expect(ids(`# two rules\n---\n${good('a')}---\n${good('b')}...\n`)).toEqual(['a', 'b']);
    const list = JSON.stringify(
      ['x', 'y'].map((id) => ({ id, conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] } })),
      undefined,
      '\t',
    );
    expect(ids(list, 'rules/list.json')).toEqual(['x', 'y']);
    expect(ids(list, 'rules/list.yaml')).toEqual(['x', 'y']);
  });
  test('keep a directive with the document after it, and leave out empty documents', () => {
    expect(compileText(`%YAML 1.2\n---\n${good('a')}---\n---\n# nothing\n`).problems.map(({ code }) => code)).toEqual(['no-tests']);
  });
  test.each([
    ['an open bracket', 'a: [1, 2\n'],
    ['an open quote', 'a: "never closed\n'],
    ['a block that is not a map', 'just text\n'],
    ['a tab', 'a:\n\tb: 1\n'],
  ])('are independent: %s in one does not affect the others', (_, bad) => {
    const { ruleset, problems } = compileText(`${good('first')}---\n${bad}---\n${good('last')}`);
    expect(ruleset.rules.map(({ id }) => id)).toEqual(['first', 'last']);
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]!.line).toBeGreaterThanOrEqual(3);
    expect(errors[0]!.line).toBeLessThanOrEqual(7);
  });
});

describe('nothing of a text is left out in silence', () => {
  const bom = '\uFEFF';
  test.each([
    ['after the end of a document', `${good('a')}...\n${good('b')}`],
    ['after an end with a remark, and CRLF', `${good('a')}... # remark\n${good('b')}`.replaceAll('\n', '\r\n')],
    ['after an end and a beginning', `${good('a')}...\n---\n${good('b')}`],
    ['after several ends', `...\n...\n${good('a')}...\n...\n${good('b')}...`],
    ['after an end, with a directive', `%YAML 1.2\n---\n${good('a')}...\n%YAML 1.2\n---\n${good('b')}`],
    ['after an end in a list', `- { ${good('a').trim().replace('\n', ', ')} }\n...\n- { ${good('b').trim().replace('\n', ', ')} }\n`],
    ['in joined files with byte order marks', `${bom}${good('a')}${bom}---\n${good('b')}`],
    ['in joined files with ends and byte order marks', `${bom}---\n${good('a')}...\n${bom}${good('b')}`],
    ['in joined files with a mark after the beginning', `${good('a')}---\n${bom}${good('b')}`],
    ['after an end in a remark', `# remark\n...\n${good('a')}---\n${good('b')}`],
  ])('rules %s are read', (_, text) => {
    const { ruleset, problems } = compileText(text);
    expect(ruleset.rules.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(problems.filter(({ code }) => code !== 'no-tests')).toEqual([]);
  });
  test('mappings after the end of a document are read', () => {
    const { ruleset } = compileText('dataset: a\n...\ndataset: b\n', 'rules/datasets/both.yaml');
    expect([...ruleset.datasets.byName.keys()]).toEqual(['a', 'b']);
  });
  test.each([
    [`${good('a')}...\njunk\n`, '4:1 error map-expected'],
    [`${good('a')}... junk\n`, '3:5 error yaml-syntax'],
    [`${good('a')}...\n}\n`, '4:1 error yaml-syntax'],
  ])('what is no document after %j is an error at its line', (text, expected) => {
    expect(findings(compileText(text))).toContain(expected);
  });
  test.each([
    [`${JSON.stringify({ id: 'a' })}\n{}`, '2:1 error json-syntax'],
    [`${JSON.stringify({ id: 'a' })}\n...\n`, '2:1 error json-syntax'],
    [`${bom}${bom}{}`, '1:1 error json-syntax'],
  ])('what follows the value in a JSON file is an error: %j', (text, expected) => {
    expect(findings(compileText(text, 'rules/a.json'))).toEqual([expected]);
  });
  test.each(['', ' \n', bom, '# only remarks\n', '---\n...\n'])('a file without documents has no problems: %j', (text) => {
    expect(compileText(text).problems).toEqual([]);
  });
});

describe('position and code', () => {
  test.each([
    ['a:\n\tb: 1\n', '2:1 error yaml-tab'],
    ['id: a\nid: b\n', '2:1 error duplicate-key'],
    ['id: !!js/function "() => 1"\n', '1:5 error unknown-tag'],
    ['id: !!binary aGk=\n', '1:5 error unknown-tag'],
    ['base: &x { a: 1 }\n<<: *x\n', '2:1 error yaml-merge-key'],
    ['a: 9007199254740993\n', '1:4 error unsafe-integer'],
    ['a: .inf\n', '1:4 error not-json'],
    ['a: &x [ *x ]\n', '1:9 error yaml-cycle'],
    ['a: *nobody\n', '1:4 error yaml-syntax'],
    ['- 1\n', '1:3 error map-expected'],
    ['? { a: 1 }\n: 2\n', '1:3 error yaml-syntax'],
    [`a: ${'['.repeat(100)}${']'.repeat(100)}\n`, '1:68 error too-deep'],
    [`a: ${'['.repeat(20_000)}`, expect.stringMatching(/error (?:too-deep|yaml-syntax)$/)],
  ])('%j', (text, expected) => {
    expect(findings(compileText(text))).toEqual([expected]);
  });
  test.each([600, 10_000, 50_000])('%i levels of nesting are reported as too-deep', (levels) => {
    const nested = `{"id":"r","conditions":${'{"not":'.repeat(levels)}1${'}'.repeat(levels)}}`;
    for (const path of ['r.yaml', 'r.json']) {
      const { problems } = compileText(nested, path);
      expect(problems).toMatchObject([{ code: 'too-deep', message: 'more than 64 levels of nesting', hint: 'flatten the document' }]);
    }
  });
  test('JSON must be JSON', () => {
    expect(findings(compileText('{"id": "a",\n  "b": 1,,}', 'a.json'))).toEqual(['2:10 error json-syntax']);
    expect(findings(compileText('{"id": "a"', 'a.json'))).toEqual(['1:11 error json-syntax']);
    expect(findings(compileText('id: a', 'a.json'))).toEqual([expect.stringContaining('json-syntax')]);
    expect(findings(compileText('{"id": "a", "id": "b"}', 'a.json'))).toEqual(['1:13 error duplicate-key']);
  });
  test('YAML 1.2: yes is text, 012 twelve, 1e3 a thousand, a date is text', () => {
    const { ruleset } = compileText(
      `${good('a')}tests: [ { name: yes, events: [ { a: yes, b: 012, c: 1e3, d: 2026-01-01T00:00:00Z, e: ~ } ], alerts: [] } ]\n`,
    );
    const [first] = ruleset.rules[0]!.tests;
    expect([first!.name, first!.events]).toEqual(['yes', [{ a: 'yes', b: 12, c: 1000, d: '2026-01-01T00:00:00Z', e: null }]]);
  });
  test('a duplicate id is reported with both positions, and the first rule is kept', () => {
    const { ruleset, problems } = compile([
      { path: 'rules/b.yaml', text: good('same') },
      { path: 'rules/a.yaml', text: `\n${good('same')}` },
    ]);
    const problem = problems.find(({ code }) => code === 'duplicate-id')!;
    expect([problem.file, problem.line, problem.message]).toEqual(['rules/b.yaml', 1, expect.stringContaining('rules/a.yaml:2:1')]);
    expect(ruleset.rules.map(({ source }) => source.file)).toEqual(['rules/a.yaml']);
  });
});

describe('limits', () => {
  test('an alias bomb is stopped quickly, and affects only its own document', () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `l${n}: &l${n} [${Array.from({ length: 10 }, () => (n === 0 ? 'x' : `*l${n - 1}`)).join(', ')}]`,
    );
    const compiled = compileText(`${levels.join('\n')}\n---\n${good('a')}`);
    expect(problemOf(compiled, 'alias-bomb').line).toBeLessThan(8);
    expect(compiled.ruleset.rules).toHaveLength(1);
  });
  test('a file and a rule set can be too large', () => {
    expect(findings(compileText('#'.repeat(limits.ruleFileCharactersMax + 1)))).toEqual(['1:1 error file-too-large']);
    const many = (from: number, count: number): string =>
      JSON.stringify(
        Array.from({ length: count }, (_, n) => ({
          id: `r${from + n}`,
          status: 'off',
          conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] },
        })),
      );
    const half = limits.rulesMax / 2;
    const { ruleset, problems } = compile([0, 1, 2].map((n) => ({ path: `${n}.json`, text: many(n * half, half) })));
    expect(ruleset.rules).toHaveLength(limits.rulesMax);
    expect(problems.filter(({ code }) => code === 'too-many-rules')).toHaveLength(1);
  });
});

test('lists, hidden and other files are not rules', () => {
  const paths = ['rules/lists/deny.yaml', 'rules/.swap.yaml', 'rules/readme.md', 'rules/x.yaml~'];
  expect(compile(paths.map((path) => ({ path, text: 'nonsense: [' }))).problems).toEqual([]);
});

test('rules are read below folders named lists or datasets', () => {
  for (const path of ['/srv/lists/team/rules/a.yaml', '/srv/datasets/case-1/rules/a.yaml']) expect(ids(good('a'), path)).toEqual(['a']);
  const json = JSON.stringify([{ name: 'a', conditions: { all: [{ fact: 'a', operator: 'equal', value: 1 }] } }]);
  expect(ids(json, '/srv/lists/rules/a.json')).toEqual(['a']);
});

test('any text compiles without throwing', () => {
  const fragments = fc.constantFrom(
    'id: a',
    'conditions:',
    '  all:',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ': ',
    '---\n',
    '&a ',
    '*a',
    '!!x ',
    '"',
    "'",
    '|',
    '\t',
    '\n',
    '\uFEFF',
    '\0',
    '\u2028',
    '%',
    '<<: ',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(fragments, fc.string({ maxLength: 4 })), { maxLength: 30 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, fc.constantFrom('a.yaml', 'a.json', 'datasets/a.yaml'), (source, path) => {
      for (const problem of compile([{ path, text: source }]).problems) {
        expect(problem.code).not.toBe('internal');
        expect(problem.line).toBeGreaterThanOrEqual(1);
        expect(problem.column).toBeGreaterThanOrEqual(1);
      }
    }),
    { numRuns: 2_000 },
  );
});
