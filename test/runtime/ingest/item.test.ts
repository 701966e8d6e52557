/** What is checked of an item before it is parsed as an event, and where an answer says that its fault is. */
import { describe, expect, it } from 'vitest';
import { rejected } from '../../../engine/core/ingest/rejection.ts';
import { itemError, parseItem, Unreadable, withoutMark, type Item } from '../../../engine/runtime/ingest/item.ts';

const codeOf = (item: Item, cut?: boolean): string | undefined => {
  const value = parseItem(item, 20, cut);
  return value instanceof Unreadable ? value.rejection.code : undefined;
};

describe('an item', () => {
  it('is its JSON value, whatever that is', () => {
    for (const text of ['{"a":1}', 'null', '{"kind":"rejected"}', '[]', '0'])
      expect(parseItem({ line: 1, text }, 100)).toEqual(JSON.parse(text));
  });

  it.each<[string, Item, string | undefined]>([
    ['as long as it may be', { line: 1, text: `"${'é'.repeat(9)}"` }, undefined],
    ['too long in bytes, not in characters', { line: 1, text: `"${'é'.repeat(10)}"` }, 'too-large'],
    ['no JSON', { line: 1, text: '{"a":}' }, 'invalid-json'],
    ['not UTF-8', { line: 1, text: '"\ufffd"', badBytes: 3 }, 'invalid-utf8'],
    ['rejected by its format', { line: 1, text: '{}', rejection: rejected('bad-time', 'no') }, 'bad-time'],
  ])('that is %s', (_, item, code) => expect(codeOf(item)).toBe(code));

  it('that is too long and not UTF-8 is too long where long items are cut, perhaps within a character', () => {
    const item = { line: 1, text: `"${'\ufffd'.repeat(20)}"`, badBytes: 22 };
    expect(codeOf(item)).toBe('invalid-utf8');
    expect(codeOf(item, true)).toBe('too-large');
    expect(codeOf({ line: 1, text: '"\ufffd"', badBytes: 20 }, true)).toBe('invalid-utf8');
  });
});

describe('an error', () => {
  const fault = rejected('invalid-json', 'Unexpected token');
  it.each<[string, Item, { line: number; column: number }]>([
    ['on the line of the item', { line: 7, text: '{"a":}' }, { line: 7, column: 6 }],
    ['behind what is in front of the item', { line: 7, text: '{"a":}', column: 5 }, { line: 7, column: 10 }],
    ['on a later line', { line: 7, text: '{\n "a":}', column: 5 }, { line: 8, column: 6 }],
  ])('is %s', (_, item, place) =>
    expect(itemError(3, item, fault)).toEqual({
      index: 3,
      code: 'invalid-json',
      detail: 'found "}" where a value was expected',
      ...place,
    }),
  );

  it('of the whole item is where it begins', () =>
    expect(itemError(0, { line: 2, text: '[]', column: 4 }, rejected('not-an-object', 'no'))).toMatchObject({ line: 2, column: 4 }));
});

it('one byte order mark is taken away', () => {
  expect(withoutMark(Buffer.from('\ufeff\ufeff1')).toString()).toBe('\ufeff1');
  expect(withoutMark(Buffer.from('1')).toString()).toBe('1');
});
