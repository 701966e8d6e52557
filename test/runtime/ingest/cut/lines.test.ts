/** A block is decoded a part at a time; its lines are those of its whole text all the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../../engine/runtime/ingest/cut/lines.ts';
import type { Item } from '../../../../engine/runtime/ingest/item.ts';

const cut = (text: string | Buffer, firstLine = 1): Item[] => [...linesOf(Buffer.from(text as string), firstLine)].flat();

const plainly = (text: string, firstLine: number): Item[] =>
  text
    .split('\n')
    .map((line, i) => ({ line: firstLine + i, text: line.trim() }))
    .filter(({ text: line }) => line !== '');

describe('the lines of a block', () => {
  it('have their numbers in the file and no white space around them', () => {
    expect(cut('{"a":1}\r\n\n  {"b":2}  \n')).toEqual([
      { line: 1, text: '{"a":1}' },
      { line: 3, text: '{"b":2}', column: 3 },
    ]);
    expect(cut('{"c":3}\n', 7)).toEqual([{ line: 7, text: '{"c":3}' }]);
  });

  it('are marked if their bytes are not UTF-8, and only they', () => {
    const bytes = Buffer.concat([Buffer.from('"é"\n\t"'), Buffer.from([0xff]), Buffer.from('"\n "ü"')]);
    expect(cut(bytes)).toEqual([
      { line: 1, text: '"é"' },
      { line: 2, text: '"\ufffd"', badBytes: 3, column: 2 },
      { line: 3, text: '"ü"', column: 2 },
    ]);
  });

  it('are those that are not blank', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('{}', '', ' ', '\r', '\t x ', 'x\r')), (lines) => {
        const text = lines.join('\n');
        expect(cut(text).map(({ line, text: item }) => ({ line, text: item }))).toEqual(plainly(text, 1));
        for (const { line, column = 1, text: item } of cut(text))
          expect(lines[line - 1]!.slice(column - 1)).toMatch(new RegExp(`^${item}`));
      }),
    );
  });

  it('are those of the whole text, wherever the parts end and however long a line is', () => {
    const length = fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) },
      { weight: 1, arbitrary: fc.constantFrom(32_766, 32_767, 32_768, 32_769, 65_535, 65_536, 100_000) },
    );
    const line = fc.tuple(length, fc.constantFrom('x', 'é', '€', '𝄞')).map(([bytes, letter]) => {
      const letters = Math.floor(bytes / Buffer.byteLength(letter));
      return letter.repeat(letters) + 'y'.repeat(bytes - letters * Buffer.byteLength(letter));
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.boolean(), fc.integer({ min: 2, max: 9 }), (lines, ended, firstLine) => {
        const text = lines.join('\n') + (ended ? '\n' : '');
        expect(cut(text, firstLine)).toEqual(plainly(text, firstLine));
      }),
      { numRuns: 1000 },
    );
  });
});
