/**
 * The kinds of correlation, in the order of the documentation. A new kind is a line here, and one for the reader of its
 * keys in compile/correlate/readers.ts.
 */
import { eventCount } from './aggregate/event-count.ts';
import { valueAvg } from './aggregate/value-avg.ts';
import { valueCount } from './aggregate/value-count.ts';
import { valueMax } from './aggregate/value-max.ts';
import { valueMin } from './aggregate/value-min.ts';
import { valueSum } from './aggregate/value-sum.ts';
import { temporal } from './sequence/temporal.ts';
import { temporalOrdered } from './sequence/temporal-ordered.ts';

export const correlationKinds = [eventCount, valueCount, valueSum, valueAvg, valueMin, valueMax, temporal, temporalOrdered] as const;

export type KindName = (typeof correlationKinds)[number]['name'];
