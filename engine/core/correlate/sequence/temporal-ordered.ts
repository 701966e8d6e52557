/** `temporal_ordered`: every step within one timespan, one after the other. README.md has a worked example. */
import { evaluateAbsence, orderedHorizonMs, trailingWaitMs } from './absence.ts';
import { evaluateOrdered } from './completion.ts';
import { counted, sequenceKind } from './sequence-kind.ts';
import type { Step } from '../../step.ts';
import { formatDuration } from '../../util/duration.ts';

export const temporalOrdered = sequenceKind({
  name: 'temporal_ordered',
  horizonMs: orderedHorizonMs,
  evaluateLog: evaluateOrdered,
  mayEndAt: ({ steps }, { step }) => step === steps.length - 1,
  absence: { waitMs: trailingWaitMs, evaluate: evaluateAbsence },
  reason({ steps, correlation }, _, whose) {
    const span = formatDuration(correlation.timespanMs);
    const waits = steps.at(-1)?.negative === true;
    return `${inOrder(steps, span)}${whose}${waits ? '' : ` in ${span}`}`;
  },
});

/** `guess ×5, then enter, no reset, then payout` */
function inOrder(steps: readonly Step[], span: string): string {
  const last = steps.findLastIndex((step) => !step.negative);
  const parts = steps.map((step, index) => {
    if (!step.negative) return `${index === 0 ? '' : 'then '}${counted(step)}`;
    if (index < last) return `no ${step.name}`;
    return `then no ${step.name} ${step.withinMs === undefined ? `within ${span} of the first` : `within ${formatDuration(step.withinMs)}`}`;
  });
  return parts.join(', ');
}
