/** One View reads event after event without mixing them. */
import { expect, test } from 'vitest';
import type { Event } from '../../../engine/core/event.ts';
import { fieldPath } from '../../../engine/core/match/fields.ts';
import { View } from '../../../engine/core/match/view.ts';

const event = (raw: Event['raw']): Event => ({ id: 'e', time: 0, dataset: 'd', raw, mapped: undefined, tags: [] });

test('a value is looked up once per event, and never comes from the event before', () => {
  let lookups = 0;
  const view = new View([fieldPath('a'), fieldPath('b')], 0, ({ raw }, { name }) => (lookups++, raw[name]));
  view.load(event({ a: 1 }));
  expect([view.at(0), view.at(0), view.at(1), view.at(1), lookups]).toEqual([1, 1, undefined, undefined, 2]);
  view.load(event({ b: 2 }));
  expect([view.at(0), view.at(1), lookups]).toEqual([undefined, 2, 4]);
});

test('a path reads inside objects and lists; in any other value it gives the value itself', () => {
  const view = new View([{ ...fieldPath('a'), inside: ['b', '0'] }]);
  const read = (a: unknown): unknown => view.load(event({ a })).at(0);
  expect([read({ b: [7] }), read({ b: {} }), read('text'), read(null), read(undefined)]).toEqual([7, undefined, 'text', null, undefined]);
});

test('a shared predicate is evaluated once per event, whatever the result', () => {
  let evaluations = 0;
  const view = new View([fieldPath('a')], 2);
  const ask = (shared: number, expected: unknown): boolean => view.once(shared, (of) => (evaluations++, of.at(0) === expected));
  view.load(event({ a: 1 }));
  expect([ask(0, 1), ask(0, 1), ask(1, 2), ask(1, 2), evaluations]).toEqual([true, true, false, false, 2]);
  view.load(event({ a: 2 }));
  expect([ask(0, 1), ask(1, 2), evaluations]).toEqual([false, true, 4]);
});
