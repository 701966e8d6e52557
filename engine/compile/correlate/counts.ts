/** The keys of `event_count` and `value_count`, and conditions that no count or every count fulfils. */
import { holds, type Comparison } from '../../core/correlate/aggregate/comparison.ts';
import { eventCount } from '../../core/correlate/aggregate/event-count.ts';
import { valueCount } from '../../core/correlate/aggregate/value-count.ts';
import { limits } from '../../core/limits.ts';
import { aggregateReader } from './aggregate.ts';
import type { Position } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';

export const eventCountReader = aggregateReader(eventCount, {
  fields: { min: 0, max: 0 },
  fieldHint: `to count distinct values: type: ${valueCount.name}`,
  example: 'condition: { gte: 5 }',
  check: checkCount,
});

export const valueCountReader = aggregateReader(valueCount, {
  fields: { min: 1, max: Infinity },
  fieldHint: '',
  example: 'condition: { field: card.fingerprint, gte: 5 }',
  check: checkCount,
});

/** Checks the thresholds of a count, which is a whole number from 1 (the evaluated event is in its window) to the length of a log. */
function checkCount(comparisons: readonly Comparison[], at: Position, report: Reporter): void {
  for (const { op, value } of comparisons) {
    if (value < 0 || (value === 0 && op !== 'gt' && op !== 'neq')) {
      report.error(at, 'threshold-not-positive', `"${op}: ${value}" is too low: a count is at least 1`, 'use a higher threshold');
      return;
    }
    if (value > limits.stepEntriesMax) {
      report.error(
        at,
        'threshold-too-high',
        `"${op}: ${value}" is too high: a window log holds at most ${limits.stepEntriesMax} events`,
        'use a lower threshold and a shorter timespan',
      );
      return;
    }
  }
  if (comparisons.length === 0) return;
  let satisfied = 0;
  for (let n = 1; n <= limits.stepEntriesMax; n++) if (holds(comparisons, n)) satisfied++;
  if (satisfied === 0) report.error(at, 'never-fires', 'no count satisfies this condition', 'check the thresholds');
  else if (satisfied === limits.stepEntriesMax)
    report.warn(at, 'always-fires', 'every count satisfies this condition', 'remove the correlation, or raise the threshold');
}
