/**
 * `value_sum`: the sum of a field's numbers in the window.
 *
 * It only grows while no value is negative, which depends on the log. If the condition needs positive values, entries have
 * a weight: the log is evaluated when enough weight has been added (log-profile.ts).
 */
import { numberOf, sum } from './accumulators.ts';
import { aggregateKind } from './aggregate.ts';
import { leastSum, upward } from './comparison.ts';
import { numbers } from '../read-values.ts';

export const valueSum = aggregateKind({
  name: 'value_sum',
  values: numbers,
  accumulator: sum,
  isMonotone: (condition, log) => log !== undefined && upward(condition) && log.every((entry) => numberOf(entry) >= 0),
  minWeight: leastSum,
  inWords: (value, field) => `sum ${value} of ${field}`,
});
