/** The keys of `temporal`: steps in any order, so that none has a place. `not` steps must not occur in (t − timespan, t]. */
import { temporal } from '../../core/correlate/sequence/temporal.ts';
import { temporalOrdered } from '../../core/correlate/sequence/temporal-ordered.ts';
import { keyPosition } from '../source/read.ts';
import { sequenceReader } from './sequence.ts';

export const temporalReader = sequenceReader(temporal, ({ withinMs, map }, _index, _positions, report) => {
  if (withinMs !== undefined)
    report.error(keyPosition(map, 'within'), 'within-unordered', '"within" needs ordered steps', `use type: ${temporalOrdered.name}`);
});
