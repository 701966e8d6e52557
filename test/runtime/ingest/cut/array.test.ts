/** The place of each element, counted on the way, is what a search from the beginning finds. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lineAndColumn } from '../../../../engine/core/ingest/json-fault.ts';
import { splitArray } from '../../../../engine/core/ingest/json-split.ts';
import { elementsOf } from '../../../../engine/runtime/ingest/cut/array.ts';
import type { Item } from '../../../../engine/runtime/ingest/item.ts';

const elements = (body: Buffer): Item[] => {
  const cut = elementsOf(body, 1000);
  if ('kind' in cut) throw new Error(cut.kind);
  return [...cut].flat();
};

it('elements have the line and the column on which they begin', () => {
  const space = fc.constantFrom('', ' ', '\n', '\r\n  ', '\n\n');
  const element = fc.tuple(space, fc.constantFrom('1', '{"a":\n1}', '"é"', '[1,\n\n2]', 'x'), space).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 600 }), space, (list, before) => {
      const text = `${before}[${list.join()}]`;
      const { bounds } = splitArray(text, before.length + 1);
      const expected = list.map((_, i) => ({
        text: text.slice(bounds[2 * i], bounds[2 * i + 1]),
        ...lineAndColumn(text, bounds[2 * i]!),
      }));
      expect(elements(Buffer.from(text))).toEqual(expected);
    }),
  );
});

it('an element that is not UTF-8 is marked, and only that one', () => {
  const body = Buffer.concat([Buffer.from('["é","'), Buffer.from([0xff]), Buffer.from('"]')]);
  expect(elements(body)).toMatchObject([{ text: '"é"' }, { text: '"\ufffd"', badBytes: 3 }]);
  expect(elements(body)[0]).not.toHaveProperty('badBytes');
});

it('no more than one element beyond the bound is cut, closed or not', () => {
  const cut = (text: string, max: number): number => {
    const found = elementsOf(Buffer.from(text), max);
    return 'kind' in found ? -1 : [...found].flat().length;
  };
  expect(cut('[1,2,3]', 3)).toBe(3);
  expect(cut('[1,2,3,4]', 3)).toBe(4);
  expect(cut('[1,2,3,4,5,6]', 3)).toBe(4);
  expect(cut('[1,2,3,4,5', 3)).toBe(4);
  expect(cut('[1,2,3', 3)).toBe(-1);
  expect(splitArray(`[${','.repeat(1_000_000)}]`, 1, 10).bounds).toHaveLength(22);
});
