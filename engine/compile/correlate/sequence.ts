/** What the readers of sequences have in common: they have no keys of their own, and no condition. */
import type { Correlation, CorrelationKind } from '../../core/correlate/kind.ts';
import type { StepsReader } from './kind-reader.ts';
import { keyPosition } from '../source/read.ts';

export const sequenceReader = <Name extends string>(
  kind: CorrelationKind<Correlation, Name>,
  checkStep: StepsReader['checkStep'],
): StepsReader & { readonly kind: CorrelationKind<Correlation, Name> } => ({
  kind,
  keys: [],
  over: 'steps',
  read(map, { report }) {
    if (map.entries.has('condition')) {
      report.error(
        keyPosition(map, 'condition'),
        'condition-unused',
        `${kind.name} takes no condition: its steps say what must occur`,
        'set how often a step must occur: times: { gte: 5, in: 10m }',
      );
    }
    return { fields: [] };
  },
  checkStep,
});
