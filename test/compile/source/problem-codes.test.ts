/** docs/rule-problems.md lists every code, and its examples have the problems that they illustrate. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { problemCodes } from '../../../engine/compile/source/problem-codes.ts';
import { compileText } from '../../support/compiled.ts';

const sections = readFileSync(new URL('../../../docs/rule-problems.md', import.meta.url), 'utf8')
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const fence = /^```(yaml|json)(?: (\S+))?\n([^]*?)\n```$/m.exec(section);
    const [code = '', sentence = ''] = section.split('\n\n');
    return { code, sentence, example: fence === null ? undefined : { path: fence[2] ?? `rules/example.${fence[1]}`, text: fence[3]! } };
  });

test('the page lists every code, in order, with a sentence', () => {
  expect(sections.map(({ code }) => code)).toEqual([...problemCodes]);
  expect(sections.filter(({ sentence }) => !sentence.endsWith('.') && !sentence.endsWith('.)'))).toEqual([]);
});

test.each(sections.flatMap(({ code, example }) => (example === undefined ? [] : [{ code, ...example }])))(
  '$code',
  ({ code, path, text }) => {
    const { problems } = compileText(text, path);
    expect(problems.map((problem) => problem.code)).toContain(code);
    // Nothing else is wrong with the example.
    expect(problems.filter((problem) => problem.severity === 'error' && problem.code !== code)).toEqual([]);
  },
);
