/** `value_avg`: the average of a field's numbers in the window. A further number may raise or lower it. */
import { counter, sum, type Accumulator } from './accumulators.ts';
import { aggregateKind } from './aggregate.ts';
import type { Entry } from '../entry.ts';
import { numbers } from '../read-values.ts';

export const valueAvg = aggregateKind({
  name: 'value_avg',
  values: numbers,
  accumulator: average,
  isMonotone: () => false,
  inWords: (value, field) => `average ${value} of ${field}`,
});

function average(log: readonly Entry[]): Accumulator {
  const total = sum(log);
  const count = counter();
  return {
    take(index) {
      total.take(index);
      count.take(index);
    },
    drop(index) {
      total.drop(index);
      count.drop(index);
    },
    value: () => total.value() / count.value(),
  };
}
