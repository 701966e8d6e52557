/** Texts made to exhaust the parser, at the full size of a file: each is refused or read within a fraction of its former cost. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../../engine/compile/index.ts';
import { readDocuments } from '../../../engine/compile/source/documents.ts';
import { BoundedProblems, reporter } from '../../../engine/compile/source/problems.ts';
import { limits } from '../../../engine/core/limits.ts';
import type { Problem } from '../../../engine/core/problem.ts';

const size = limits.ruleFileCharactersMax;

describe('a file of one character and its like', () => {
  it.each([
    ['[', 'too-deep'],
    ['{', 'too-deep'],
    ['- ', 'too-deep'],
    ['? ', 'too-deep'],
    [']', 'yaml-syntax'],
    ['}', 'yaml-syntax'],
    ['%a\n', 'file-too-large'],
    ['-\n', 'file-too-large'],
    ['[],', 'file-too-large'],
  ])('%j is %s', (unit, code) => {
    const problems: Problem[] = [];
    const before = process.memoryUsage().heapUsed;
    const { roots, whole } = readDocuments({ path: 'a.yaml', text: unit.repeat(size / unit.length) }, problems);
    // Parsed to its end, each takes from 900 MB to 4 GB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
    expect({ roots, whole, codes: problems.map((problem) => problem.code) }).toEqual({ roots: [], whole: false, codes: [code] });
  });
});

describe('the problems of a file', () => {
  const rule = (keys: string): string => `id: r\n${keys}conditions: { all: [{ fact: a, operator: exists, value: true }] }\n`;
  const check = (text: string): readonly Problem[] => compile([{ path: 'rules/r.yaml', text }]).problems;

  it('are listed up to a bound, and the others counted', () => {
    const problems = check(rule(Array.from({ length: 20_000 }, (_, i) => `unknown${i}: 1\n`).join('')));
    expect(problems.length).toBeLessThanOrEqual(2 * limits.problemsPerFileMax + 1);
    const counted = problems.filter(({ code }) => code === 'too-many-problems');
    expect(counted).toMatchObject([{ severity: 'error', file: 'rules/r.yaml' }]);
    expect(JSON.stringify(problems).length).toBeLessThan(100_000);
  });

  it('have an error even if it comes after very many warnings', () => {
    const problems = new BoundedProblems();
    const report = reporter('r.yaml', problems);
    for (let line = 1; line <= 150; line++) report.warn({ line, column: 1 }, 'no-tests', 'none');
    report.error({ line: 151, column: 1 }, 'unknown-level', 'unknown');
    const counted = problems.list().slice(limits.problemsPerFileMax);
    expect(counted).toMatchObject([
      { severity: 'error', code: 'unknown-level' },
      { severity: 'warning', code: 'too-many-problems', line: 101 },
    ]);
  });

  it('quote no text of any length', () => {
    const problems = check(`x: &x ${'y'.repeat(1_000_000)}\n${rule(`level: *x\nstatus: *x\n`)}`);
    expect(problems.length).toBeGreaterThan(1);
    expect(Math.max(...problems.map(({ message }) => message.length))).toBeLessThan(2000);
  });
});
