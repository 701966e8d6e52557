/** How events reach the engine: late, in batches, and repeated, also at other times and with other content. */
import fc from 'fast-check';
import { lettersOf, users, valuesOf, type EventCase, type RuleCase } from './guarantees.arbitraries.ts';

/** An event that is sent again, perhaps at another time and with other content. */
export type Repeat = {
  /** The index of the event. */
  readonly of: number;
  /** The difference in time: an event without a time gets the time of receipt each time, and producers correct times. */
  readonly shift: number;
  readonly change: Partial<Pick<EventCase, 'user' | 'owner' | 'letters' | 'v'>>;
};

/** Repeats at the same time, within the window and the lateness, and beyond both; in other groups, with other values, in other steps. */
export const repeatsOf = (rule: RuleCase, maxLength: number): fc.Arbitrary<Repeat[]> =>
  fc.array(
    fc.record({
      of: fc.nat(),
      shift: fc.oneof(
        { weight: 2, arbitrary: fc.constant(0) },
        { weight: 3, arbitrary: fc.integer({ min: -13, max: 13 }) },
        { weight: 1, arbitrary: fc.constantFrom(-40, -20, 20, 40) },
      ),
      change: fc.oneof(
        { weight: 3, arbitrary: fc.constant({}) },
        { weight: 1, arbitrary: fc.record({ user: users }) },
        { weight: 1, arbitrary: fc.record({ v: valuesOf(rule) }) },
        { weight: 1, arbitrary: fc.record({ letters: lettersOf(rule), owner: users }) },
      ),
    }),
    { maxLength },
  );

const isChanged = ({ change }: Repeat): boolean => Object.keys(change).length > 0;

/** The repeat as it is sent. With other content it may be another observation, and then must not be too late. */
function sentAgain(event: EventCase, repeat: Repeat, latenessMs: number): EventCase {
  const shift = isChanged(repeat) ? Math.max(repeat.shift, -latenessMs) : repeat.shift;
  return { ...event, ...repeat.change, t: Math.max(0, event.t + shift) };
}

/** How a set of events reaches the engine. */
export type Arrivals = { readonly order: readonly EventCase[]; readonly batch: number };

/**
 * The events and their repeats, in an order in which nothing that could count is later than `latenessMs` by the event
 * clock. A repeat comes after its event, and some come once more. In all orders the same one comes first of an event and
 * its repeats: only that one counts, with its time and content.
 */
export const arrivalsOf = (events: readonly EventCase[], repeats: readonly Repeat[], latenessMs: number): fc.Arbitrary<Arrivals> =>
  fc
    .record({
      late: fc.array(fc.integer({ min: 0, max: latenessMs }), { minLength: events.length, maxLength: events.length }),
      lateAgain: fc.array(fc.integer({ min: 0, max: latenessMs }), { minLength: repeats.length, maxLength: repeats.length }),
      ties: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: events.length, maxLength: events.length }),
      again: fc.array(fc.nat({ max: 40 }), { maxLength: 4 }),
      batch: fc.constantFrom(1, 2, 3, 7, 512),
    })
    .map(({ late, lateAgain, ties, again, batch }) => {
      const sent = events.flatMap((event, i) => {
        const own = repeats
          .map((repeat, j) => ({
            event: sentAgain(event, repeat, latenessMs),
            late: lateAgain[j]!,
            of: repeat.of,
            changed: isChanged(repeat),
          }))
          .filter(({ of }) => of % events.length === i)
          .sort((a, b) => a.event.t - b.event.t);
        const lateMax = latenessMs - Math.max(0, ...own.map((one) => (one.changed ? event.t - one.event.t : 0)));
        const first = { event, at: event.t + Math.min(late[i]!, lateMax), tie: ties[i]! };
        let changedAt = first.at;
        const copies = own.map((one) => {
          const at = Math.max(one.changed ? changedAt : first.at, one.event.t + one.late);
          if (one.changed) changedAt = at;
          return { event: one.event, at, tie: first.tie };
        });
        return [first, ...copies];
      });
      const order = sent.sort((a, b) => a.at - b.at || a.tie - b.tie).map(({ event }) => event);
      for (const n of again)
        if (order.length > 0)
          order.splice(order.length - (n % order.length), 0, order[(n * 3) % (order.length - (n % order.length) || 1)]!);
      return { order, batch };
    });

/** All events in order of time, with distinct times: a file as a producer would write it. */
export const inOrderOfTime = (events: readonly EventCase[], repeats: readonly Repeat[]): EventCase[] => {
  const again = repeats.map((repeat) => sentAgain(events[repeat.of % events.length]!, repeat, Infinity));
  return [...new Map([...events, ...again].map((event) => [event.t, event])).values()].sort((a, b) => a.t - b.t);
};

/** The repeats somewhere after their events, however late: for implementations that must agree on any input. */
export function somewhereBehind(events: readonly EventCase[], repeats: readonly Repeat[]): EventCase[] {
  const sent = [...events];
  for (const repeat of repeats) {
    const event = events[repeat.of % events.length]!;
    const from = sent.indexOf(event) + 1;
    sent.splice(from + ((repeat.of + 100) % (sent.length - from + 1)), 0, sentAgain(event, repeat, Infinity));
  }
  return sent;
}
