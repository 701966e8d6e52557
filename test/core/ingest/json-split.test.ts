import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findJsonFault, lineAndColumn } from '../../../engine/core/ingest/json-fault.ts';
import { splitArray, trimmed } from '../../../engine/core/ingest/json-split.ts';

const cut = (text: string, bounds: readonly number[]): string[] =>
  Array.from({ length: bounds.length / 2 }, (_, i) => text.slice(bounds[2 * i], bounds[2 * i + 1]));

describe('splitting an array', () => {
  test('returns its elements as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(3), (values, space) => {
        const text = `${JSON.stringify(values, undefined, space)} `;
        const { bounds, end } = splitArray(text, 1);
        expect(cut(text, bounds).map((element) => JSON.parse(element) as unknown)).toEqual(JSON.parse(text));
        expect(end).toBe(text.length - 1);
      }),
      { numRuns: 1000 },
    );
  });
  test.each<[string, string[]]>([
    ['[]', []],
    ['[ \n ]', []],
    ['[1]', ['1']],
    ['[{"a":"]},[\\""},2]', ['{"a":"]},[\\""}', '2']],
    ['[1,]', ['1', '']],
    ['[,]', ['', '']],
    ['[{"a":},{"b":2}]', ['{"a":}', '{"b":2}']],
  ])('%s', (text, elements) => expect(cut(text, splitArray(text, 1).bounds)).toEqual(elements));
  test.each(['[', '[1', '[1,{"a":2}', '["a]', '["a\\"]', '[[1]'])('recognises that %s is not closed', (text) =>
    expect(splitArray(text, 1).end).toBe(-1),
  );
});

test('trims the white space of JSON, and no other', () => {
  const character = fc.constantFrom(' ', '\t', '\r', '\n', '\u000b', '\u00a0', '\ufeff', 'x', 'é');
  fc.assert(
    fc.property(fc.string({ unit: character }), (text) => {
      expect(trimmed(text)).toBe(text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));
    }),
  );
});

describe('the JSON fault of a text', () => {
  test('is found exactly when JSON.parse fails', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', ']', '"', '\\', 'x', '0', '.', '-', '{', '[', ' ', '\n', ':'))
      .map(([text, at, insert]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + insert + text.slice(place + (at % 2));
      });
    fc.assert(
      fc.property(fc.oneof(fc.json(), broken, fc.string()), (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(findJsonFault(text) === undefined).toBe(valid);
      }),
      { numRuns: 5000 },
    );
  });
  test.each<[string, number, string]>([
    ['', 0, 'ends where a value was expected'],
    ['{"a":1}{"b":2}', 7, `found "{" where the end was expected`],
    ['{"a":1,}', 7, `found "}" where a name in quotes was expected`],
    ["{'a':1}", 1, `found "'" where a name or '}' was expected`],
    ['{"a" 1}', 5, `found "1" where ':' was expected`],
    ['[1 2]', 3, `found "2" where ',' or ']' was expected`],
    ['{"a":NaN}', 5, `found "N" where a value was expected`],
    ['{"a":"x', 7, 'ends inside a string'],
    ['{"a":"\u0000"}', 6, 'a control character inside a string must be escaped'],
    ['"\\x"', 1, 'invalid escape sequence'],
    ['[1', 2, `ends where ',' or ']' was expected`],
  ])('%j', (text, at, detail) => expect(findJsonFault(text)).toEqual({ at, detail }));
  test('is found up to a depth that no event has', () => {
    expect(findJsonFault('['.repeat(1000))?.at).toBe(1000);
    expect(findJsonFault('['.repeat(200_000))).toEqual({ at: 1000, detail: 'nested deeper than 1000 levels' });
  });
});

test('lines and columns are counted from 1', () => {
  expect(lineAndColumn('ab\ncd\n', 0)).toEqual({ line: 1, column: 1 });
  expect(lineAndColumn('ab\ncd\n', 2)).toEqual({ line: 1, column: 3 });
  expect(lineAndColumn('ab\ncd\n', 4)).toEqual({ line: 2, column: 2 });
  expect(lineAndColumn('ab\ncd\n', 6)).toEqual({ line: 3, column: 1 });
});
