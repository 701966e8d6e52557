/** `temporal`: every step within one timespan, in any order. */
import { evaluateAnyOrder } from './any-order.ts';
import { counted, sequenceKind } from './sequence-kind.ts';
import type { Step } from '../../step.ts';
import { formatDuration } from '../../util/duration.ts';

export const temporal = sequenceKind({
  name: 'temporal',
  horizonMs: ({ correlation }) => correlation.timespanMs,
  evaluateLog: evaluateAnyOrder,
  mayEndAt: ({ steps }, { step }) => steps[step]?.negative === false,
  reason: ({ steps, correlation }, _, whose) => `${inAnyOrder(steps)}${whose} in ${formatDuration(correlation.timespanMs)}`,
});

/** `guess ×5 and enter, no reset` */
function inAnyOrder(steps: readonly Step[]): string {
  const present = steps.filter((step) => !step.negative).map(counted);
  const absent = steps.filter((step) => step.negative).map((step) => `no ${step.name}`);
  return [present.join(' and '), ...absent].join(', ');
}
