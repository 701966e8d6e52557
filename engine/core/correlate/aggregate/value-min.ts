/** `value_min`: the least of a field's numbers in the window. It only falls, so no condition "at least" stays fulfilled. */
import { extreme } from './accumulators.ts';
import { aggregateKind } from './aggregate.ts';
import { numbers } from '../read-values.ts';

export const valueMin = aggregateKind({
  name: 'value_min',
  values: numbers,
  accumulator: (log) => extreme(log, (a, b) => a < b),
  isMonotone: () => false,
  inWords: (value, field) => `lowest ${value} of ${field}`,
});
