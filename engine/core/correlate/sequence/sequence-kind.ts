/** What both kinds of sequences share: entries without a value, and what a log needs for each positive step. */
import type { Correlated, Correlation, CorrelationKind, Requirements } from '../kind.ts';
import type { Step } from '../../step.ts';
import { formatDuration } from '../../util/duration.ts';
import { noValue } from '../read-values.ts';

type Own<Name extends string> = Pick<
  CorrelationKind<Correlation, Name>,
  'name' | 'horizonMs' | 'evaluateLog' | 'mayEndAt' | 'absence' | 'reason'
>;

export const sequenceKind = <Name extends string>(own: Own<Name>): CorrelationKind<Correlation, Name> => ({
  values: () => noValue,
  requirements,
  isMonotone: ({ steps }) => steps.every((step) => !step.negative),
  thin: (_, entries) => entries,
  isContiguous: false,
  explain: ({ correlation }) => `within ${formatDuration(correlation.timespanMs)}`,
  ...own,
});

function requirements({ steps }: Correlated): Requirements {
  let minEntries = 0;
  let needSteps = 0;
  steps.forEach((step, index) => {
    if (step.negative) return;
    minEntries += step.times.gte;
    needSteps = (needSteps | (1 << index)) >>> 0;
  });
  return { minEntries: Math.max(1, minEntries), needSteps, minWeight: undefined };
}

/** A step in a reason: `guess ×5`. */
export const counted = (step: Step): string => (step.times.gte === 1 ? step.name : `${step.name} ×${step.times.gte}`);
