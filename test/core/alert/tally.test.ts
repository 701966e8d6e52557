/** Running sums give the same counts as sets. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countingOf, tallyOf } from '../../../engine/core/alert/tally.ts';
import { arrange, type Entry } from '../../../engine/core/correlate/entry.ts';
import { fulfilment } from '../../../engine/core/correlate/proof.ts';
import { entryOf } from '../correlate/evaluate.support.ts';

/** Sometimes further values of an event arrived later, when it was sent again. */
const logs = fc
  .array(
    fc.record({
      again: fc.constantFrom(0, 0, 2),
      time: fc.integer({ min: 0, max: 9 }),
      values: fc.integer({ min: 1, max: 3 }),
      counted: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((events) =>
    arrange(
      events.flatMap(({ time, again, values, counted }, n) =>
        Array.from({ length: values }, (_, index) => ({ ...entryOf({ time: time + again * index, id: `e${n}`, index }), counted })),
      ),
    ),
  );

it('counts ranges of a log, in order of their ends, like a set of their events', () => {
  fc.assert(
    fc.property(logs, fc.array(fc.nat(40), { minLength: 1, maxLength: 6 }), (entries, marks) => {
      const begins = ({ id, time }: Entry, i: number): boolean => i === 0 || entries[i - 1]!.id !== id || entries[i - 1]!.time !== time;
      const borders = entries.flatMap((entry, i) => (begins(entry, i) ? [i] : [])).concat(entries.length);
      const ends = [...new Set(marks.map((mark) => 1 + (mark % (borders.length - 1))))].sort((a, b) => a - b);
      const windows = ends.map((end, i) => ({ of: entries, from: borders[Math.max(0, end - 1 - (marks[i]! % 3))]!, to: borders[end]! }));
      const rising = windows.filter((window, i) => windows.slice(0, i).every((before) => before.from <= window.from));
      const found = rising.map((span) => fulfilment(0, entries[0]!, 0, [span]));
      const [sums, sets] = [countingOf(found, true), countingOf(found, false)].map((counting) => {
        const tally = tallyOf(counting);
        for (const span of rising) tally.take([span]);
        return { ...tally.numbers(), first: tally.first, last: tally.last, members: counting.members.size };
      });
      expect(sums).toEqual(sets);
    }),
    { numRuns: 2000 },
  );
});
