/** Which entries of a journal evaluation sees. */
import { expect, it } from 'vitest';
import { arrange } from '../../../engine/core/correlate/entry.ts';
import { entryOf } from './evaluate.support.ts';

const first = entryOf({ time: 1, id: 'aaaaaaaa' });
const other = entryOf({ time: 3, id: 'bbbbbbbb' });

it('an event that is sent again with a later time is the same observation: the first one stays', () => {
  expect(arrange([first, other, entryOf({ time: 5, id: 'aaaaaaaa' })])).toEqual([first, other]);
});

it('of an event that is sent again, the first arrival stays, even if another worker appended the later one first', () => {
  const again = entryOf({ time: 5, id: 'aaaaaaaa', value: 7 });
  expect(arrange([again, other, first])).toEqual([first, other]);
  expect(arrange([{ ...again, counted: true }, other, first])).toEqual([{ ...first, counted: true }, other]);
});

it('the same event in another step or with another value is a different observation', () => {
  const more = [entryOf({ time: 1, id: 'aaaaaaaa', step: 1 }), entryOf({ time: 1, id: 'aaaaaaaa', index: 1 })];
  expect(arrange([first, ...more])).toHaveLength(3);
});

it('entries are in order of time, whatever their order of arrival', () => {
  const journal = [other, first];
  expect(arrange(journal)).toEqual([first, other]);
  expect(journal).toEqual([other, first]);
});
