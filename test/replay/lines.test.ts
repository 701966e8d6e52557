/** A block is decoded a part at a time; its lines are those of its whole text all the same. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, linesOf } from '../../engine/replay/lines.ts';

const told = (text: string, firstLine = 1): Line[] => [...linesOf(Buffer.from(text), firstLine)].flat();

const plainly = (text: string, firstLine: number): Line[] =>
  text
    .split('\n')
    .map((line, i) => ({ number: firstLine + i, text: line.trim() }))
    .filter(({ text: line }) => line !== '');

describe('the lines of a block', () => {
  it('have their numbers in the file, and neither white space nor a byte order mark', () => {
    expect(told('\ufeff{"a":1}\r\n\n  {"b":2}  \n')).toEqual([
      { number: 1, text: '{"a":1}' },
      { number: 3, text: '{"b":2}' },
    ]);
    expect(told('{"c":3}\n', 7)).toEqual([{ number: 7, text: '{"c":3}' }]);
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
        expect(told(text, firstLine)).toEqual(plainly(text, firstLine));
      }),
      { numRuns: 1000 },
    );
  });
});
