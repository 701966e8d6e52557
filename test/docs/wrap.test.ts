/** Prose is wrapped, so that a diff shows which sentence changed. Tables, code and the targets of links may be longer. */
import { describe, expect, test } from 'vitest';
import { pages, textOf } from './markdown.ts';

const columnsMax = 120;

const wrapped: readonly string[] = [...pages, 'rules/README.md'];

/** The numbers of the lines that are too long. */
function longLines(text: string): number[] {
  let inCode = false;
  return text.split('\n').flatMap((line, index) => {
    if (/^\s*```/.test(line)) inCode = !inCode;
    const prose = line.replaceAll(/\]\([^)]*\)/g, ']').replaceAll(/https?:\/\/\S+/g, '');
    const apart = inCode || /^(?:\||<!--| {4}\S)/.test(line);
    return !apart && prose.length > columnsMax ? [index + 1] : [];
  });
}

describe(`no line of prose is longer than ${columnsMax} columns`, () => {
  test.each(wrapped)('%s', (page) => {
    expect(longLines(textOf(page))).toEqual([]);
  });
});

test('long prose is reported; tables, code and the targets of links are not', () => {
  const long = 'word '.repeat(25).trim();
  expect(longLines(`${long}\n\n- ${long}\n\n  ${long}`)).toEqual([1, 3, 5]);
  expect(longLines(`| ${long} |\n\n    ${long}\n\n\`\`\`\n${long}\n\`\`\`\n\n[here](https://example.com/${'x'.repeat(120)})`)).toEqual([]);
});
