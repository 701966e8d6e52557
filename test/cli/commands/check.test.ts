/** `weir check`: its report, its formats and its exit codes. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Problem } from '../../../engine/core/problem.ts';
import { testFolder, weir } from '../explain/explain.support.ts';

const folder = testFolder();
const put = (name: string, text: string): string => folder.put(name, text);
const tests = 'tests: [ { name: none, events: [ { b: 1 } ], alerts: [] } ]';
const good = put('good.yaml', `id: good\nconditions: { all: [ { fact: a, operator: equal, value: 1 } ] }\n${tests}\n`);
const warned = put('warned.yaml', 'id: warned\nconditions: { all: [ { fact: a, operator: equal, value: 2 } ] }\n');
const wrong = put('wrong.yaml', `id: wrong\nlevel: hihg\nconditions: { all: [ { fact: a, operator: equl, value: 2 } ] }\n${tests}\n`);

test('a good file prints nothing to stdout, the count to stderr, and exits 0', async () => {
  expect(await weir(['check', good])).toEqual({ code: 0, stdout: '', stderr: '1 rule in 1 file: 0 errors, 0 warnings\n' });
});

test('warnings exit 0, up to --max-warnings', async () => {
  const { code, stdout } = await weir(['check', warned]);
  expect([code, stdout]).toEqual([0, expect.stringContaining(`${warned}:1:1: warning no-tests`)]);
  expect((await weir(['check', warned, '--max-warnings', '1'])).code).toBe(0);
  expect((await weir(['check', warned, '--max-warnings', '0'])).code).toBe(1);
  expect((await weir(['check', good, '--max-warnings', '0'])).code).toBe(0);
});

test('every error is printed with position, source line, caret and hint, and exits 78', async () => {
  const { code, stdout, stderr } = await weir(['check', wrong]);
  expect([code, stderr]).toEqual([78, '0 rules in 1 file: 2 errors, 0 warnings\n']);
  expect(stdout).toBe(
    [
      `${wrong}:2:8: error unknown-level: unknown level "hihg"`,
      '    2 | level: hihg',
      '      |        ^',
      '  hint: did you mean "high"?',
      '',
      `${wrong}:3:43: error unknown-operator: unknown operator "equl"`,
      '    3 | conditions: { all: [ { fact: a, operator: equl, value: 2 } ] }',
      '      |                                           ^',
      '  hint: did you mean "equal"?',
      '',
    ].join('\n'),
  );
});

test('several paths are checked as one rule set, each file once', async () => {
  put('twin.yaml', `id: good\nconditions: { all: [ { fact: a, operator: equal, value: 1 } ] }\n${tests}\n`);
  const { code, stdout, stderr } = await weir(['check', good, join(folder.path, 'twin.yaml'), good, '--json']);
  const { problems } = JSON.parse(stdout) as { problems: Problem[] };
  expect([code, stderr]).toEqual([78, '1 rule in 2 files: 1 error, 0 warnings\n']);
  expect(problems).toMatchObject([{ code: 'duplicate-id', line: 1, severity: 'error', ruleId: 'good' }]);
});

test('--format json and sarif print a document even if there are no problems', async () => {
  expect(JSON.parse((await weir(['check', good, '--format', 'json'])).stdout)).toEqual({ problems: [] });
  const sarif = JSON.parse((await weir(['check', wrong, '--format', 'sarif'])).stdout) as { runs: { results: { ruleId: string }[] }[] };
  expect(sarif.runs[0]!.results.map(({ ruleId }) => ruleId)).toEqual(['unknown-level', 'unknown-operator']);
});

test.each(['check', 'test'])('%s exits 1 if a path has no rule files', async (command) => {
  mkdirSync(join(folder.path, command, 'datasets'), { recursive: true });
  const text = `id: good\nconditions: { all: [ { fact: a, operator: equal, value: 1 } ] }\n${tests}\n`;
  const mapping = put(join(command, 'datasets', 'shop.yaml'), 'fields: { user.id: buyer }\n');
  mkdirSync(join(folder.path, command, 'empty'));
  for (const path of [put(`${command}.yamll`, text), put(`.${command}.yaml`, text), join(folder.path, command, 'empty')]) {
    const { code, stderr } = await weir([command, good, path]);
    expect([path, code, stderr.split('\n').filter((line) => line.includes('looked for'))]).toEqual([
      path,
      1,
      [expect.stringContaining(`no rule file at ${path}: looked for *.yaml, *.yml and *.json`)],
    ]);
  }
  expect(await weir([command, mapping])).toMatchObject({ code: 0 });
  expect((await weir([command, wrong, join(folder.path, command, 'empty')])).code).toBe(78);
});

test('wrong usage is answered with a suggestion', async () => {
  expect(await weir(['check', '--format', 'sarf'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('did you mean sarif?'),
  });
  expect(await weir(['check', '--max-warnings', 'few'])).toMatchObject({ code: 2, stdout: '' });
  expect(await weir(['check', join(folder.path, 'nothing-here')])).toMatchObject({ code: 78, stdout: '' });
});

test('an empty folder is reported, and exits 1', async () => {
  const empty = join(folder.path, 'empty');
  mkdirSync(empty);
  expect(await weir(['check', empty])).toEqual({
    code: 1,
    stdout: '',
    stderr: `0 rules in 0 files: 0 errors, 0 warnings\nno rule file at ${empty}: looked for *.yaml, *.yml and *.json\n`,
  });
});
