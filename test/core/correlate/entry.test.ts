/** What evaluation sees of a journal. */
import { expect, it } from 'vitest';
import { arrange } from '../../../engine/core/correlate/entry.ts';
import { entryOf } from './evaluate.support.ts';

const first = entryOf({ time: 1, id: 'aaaaaaaa' });
const other = entryOf({ time: 3, id: 'bbbbbbbb' });

it('an event that is sent again and has got a later time by it is the same observation: the first stays', () => {
  expect(arrange([first, other, entryOf({ time: 5, id: 'aaaaaaaa' })])).toEqual([first, other]);
});

it('of an event that is sent again what arrived first stays, also where another worker was faster with what came later', () => {
  const again = entryOf({ time: 5, id: 'aaaaaaaa', value: 7 });
  expect(arrange([again, other, first])).toEqual([first, other]);
  expect(arrange([{ ...again, counted: true }, other, first])).toEqual([{ ...first, counted: true }, other]);
});

it('the same event in another step or with another of its values is another observation', () => {
  const more = [entryOf({ time: 1, id: 'aaaaaaaa', step: 1 }), entryOf({ time: 1, id: 'aaaaaaaa', index: 1 })];
  expect(arrange([first, ...more])).toHaveLength(3);
});

it('entries come in order of time, whatever the order in which they arrived', () => {
  const journal = [other, first];
  expect(arrange(journal)).toEqual([first, other]);
  expect(journal).toEqual([other, first]);
});
