/** Fields are own properties of the event: inherited properties are invisible, and no property that was sent is hidden. */
import { describe, expect, it, test } from 'vitest';
import type { Event } from '../../../engine/core/event.ts';
import { fieldPath, lookup, lookupRaw } from '../../../engine/core/match/fields.ts';

const inherited = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'];
const sent = (text: string): object => JSON.parse(text) as object;
const eventOf = (raw: object): Event => ({ id: 'e', time: 0, dataset: 'd', raw: raw as Event['raw'], mapped: {}, tags: [] });

describe.each(inherited)('%s', (name) => {
  it('is missing unless it was sent, at any depth', () => {
    const raw = sent('{"a":{"b":[{}]}}');
    for (const field of [name, `a.${name}`, `a.b.${name}`, `a.b.0.${name}`, `${name}.${name}`, `a.${name}.${name}`]) {
      expect([field, lookupRaw(raw, fieldPath(field))]).toEqual([field, undefined]);
      expect([field, lookup(eventOf(raw), fieldPath(field))]).toEqual([field, undefined]);
    }
  });

  it('is an ordinary field if it was sent', () => {
    const raw = sent(`{"${name}":1,"a":{"${name}":{"${name}":2}}}`);
    const found = [name, `a.${name}.${name}`].map((field) => lookup(eventOf(raw), fieldPath(field)));
    expect(found).toEqual([1, 2]);
  });
});

test('the full name takes precedence over the path, and a list has only its numbered members', () => {
  const raw = sent('{"a.b":1,"a":{"b":2,"list":[7,8]}}');
  const at = (field: string) => lookupRaw(raw, fieldPath(field));
  expect([at('a.b'), at('a.list.1'), at('a.list.length'), at('a.list.2'), at('a.list.01'), at('a.list.at')]).toEqual([
    1,
    8,
    ...Array<undefined>(4).fill(undefined),
  ]);
});
