/** The keys of the kinds that compute a number from the numbers of one field. */
import type { Aggregate } from '../../core/correlate/aggregate/aggregate.ts';
import { valueAvg } from '../../core/correlate/aggregate/value-avg.ts';
import { valueMax } from '../../core/correlate/aggregate/value-max.ts';
import { valueMin } from '../../core/correlate/aggregate/value-min.ts';
import { valueSum } from '../../core/correlate/aggregate/value-sum.ts';
import type { CorrelationKind } from '../../core/correlate/kind.ts';
import { aggregateReader } from './aggregate.ts';

const ofOneField = <Name extends string>(kind: CorrelationKind<Aggregate, Name>) =>
  aggregateReader(kind, {
    fields: { min: 1, max: 1 },
    fieldHint: 'name one field',
    example: 'condition: { field: card.fingerprint, gte: 5 }',
  });

export const valueSumReader = ofOneField(valueSum);
export const valueAvgReader = ofOneField(valueAvg);
export const valueMinReader = ofOneField(valueMin);
export const valueMaxReader = ofOneField(valueMax);
