/** `value_max`: the greatest of a field's numbers in the window. It only grows. */
import { extreme } from './accumulators.ts';
import { aggregateKind } from './aggregate.ts';
import { upward } from './comparison.ts';
import { numbers } from '../read-values.ts';

export const valueMax = aggregateKind({
  name: 'value_max',
  values: numbers,
  accumulator: (log) => extreme(log, (a, b) => a > b),
  isMonotone: upward,
  inWords: (value, field) => `highest ${value} of ${field}`,
});
