/**
 * The keys of `temporal_ordered`, and what is required of a step by its position:
 *
 *     not(within) · A · not · B(within) · not(within)
 *
 *     leading: needs `within`   between: none   last: `within` or the timespan
 *
 * Several `not` steps may follow each other: none of them may happen between the same two neighbours.
 */
import { temporalOrdered } from '../../core/correlate/sequence/temporal-ordered.ts';
import { keyPosition } from '../source/read.ts';
import { sequenceReader } from './sequence.ts';

export const temporalOrderedReader = sequenceReader(temporalOrdered, (step, index, { first, last }, report) => {
  if (first < 0) return;
  const within = step.withinMs !== undefined;
  const withinAt = keyPosition(step.map, 'within');
  if (!step.negative) {
    if (!within || index !== first) return;
    if (first === 0)
      report.error(
        withinAt,
        'within-first',
        `step "${step.name}" is the first one, so "within" has no meaning`,
        'put "within" on the step after it',
      );
    else
      report.error(
        withinAt,
        'within-first',
        `step "${step.name}" is the first that happens, so "within" has no meaning`,
        'put "within" on the "not" before it',
      );
    return;
  }
  if (index < first && !within)
    report.error(
      step.map.at,
      'within-missing',
      `"not" step "${step.name}" comes first, so it needs "within"`,
      'for example within: 10m, counted back from the next step',
    );
  if (index > first && index < last && within)
    report.error(
      withinAt,
      'within-between',
      `"not" step "${step.name}" is already limited by the steps before and after it`,
      'remove "within"',
    );
});
