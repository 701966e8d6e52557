/** `value_count`: how many distinct values of a field, or tuples of several fields, the window holds. */
import { distinct } from './accumulators.ts';
import { aggregateKind } from './aggregate.ts';
import { leastCount, upward } from './comparison.ts';
import { dropMiddles } from './thin.ts';
import { distinctValues } from '../read-values.ts';

export const valueCount = aggregateKind({
  name: 'value_count',
  values: distinctValues,
  accumulator: (log) => distinct(log, ({ value }) => value),
  isMonotone: upward,
  minEntries: leastCount,
  thin: ({ condition, timespanMs }, entries) => (upward(condition) ? dropMiddles(entries, ({ value }) => value, 1, timespanMs) : entries),
  inWords: (value, field) => `${value} distinct ${field}`,
});
