/** Each line means what it means alone, whatever its neighbours try. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf, valuesOf, type BlockValue } from '../../../engine/cli/replay/block-values.ts';

function alone(text: string): BlockValue {
  try {
    return { value: JSON.parse(text) };
  } catch (fault) {
    return { fault: (fault as Error).message };
  }
}

const piece = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '],[',
  '],\\n[',
  '1',
  'null',
  '"a"',
  '{"a":1}',
  '{"a":"',
  '\\',
  ' ',
  '\u2028',
  '\r',
);
const line = fc.oneof(
  fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.json(),
  fc.string({ minLength: 1 }).map((text) => text.replaceAll('\n', ' ')),
);

describe('the values of lines', () => {
  it('mean what each means alone', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        expect(valuesOf(lines)).toEqual(lines.map(alone));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    [['{"a":[1', '2]}', '{"x":1},{"y":2}']],
    [['"abc', 'def"', '1],[2']],
    [['[1', '2]', '3']],
    [['{"a":"x', 'y"}', '{"b":1}],[{"c":2}']],
  ])('are not fooled by %j', (lines) => {
    expect(valuesOf(lines)).toEqual(lines.map(alone));
  });
});

describe('the lines of a block', () => {
  it('have their numbers in the file, and neither white space nor a byte order mark', () => {
    expect(linesOf(Buffer.from('\ufeff{"a":1}\r\n\n  {"b":2}  \n'), 1)).toEqual([
      { number: 1, text: '{"a":1}' },
      { number: 3, text: '{"b":2}' },
    ]);
    expect(linesOf(Buffer.from('{"c":3}\n'), 7)).toEqual([{ number: 7, text: '{"c":3}' }]);
  });
});
