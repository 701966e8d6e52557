/** `event_count`: how many different events the window holds. */
import { counter, distinct } from './accumulators.ts';
import { aggregateKind } from './aggregate.ts';
import { leastCount, upward } from './comparison.ts';
import type { Entry } from '../entry.ts';
import { dropMiddles } from './thin.ts';
import { noValue } from '../read-values.ts';

export const eventCount = aggregateKind({
  name: 'event_count',
  values: noValue,
  accumulator: (log) => (oneEntryPerEvent(log) ? counter() : distinct(log, ({ id }) => id)),
  isMonotone: upward,
  minEntries: leastCount,
  thin: ({ condition, timespanMs }, entries) =>
    upward(condition) ? dropMiddles(entries, () => '', leastCount(condition), timespanMs) : entries,
  inWords: (value) => `${value} ${value === 1 ? 'event' : 'events'}`,
});

/** Entries are distinguished by (id, step, index). If the last two never change, every entry is a different event. */
function oneEntryPerEvent(log: readonly Entry[]): boolean {
  const step = log[0]?.step;
  return log.every((entry) => entry.step === step && entry.index === 0);
}
