/** The readers of the kinds of correlation (core/correlate/kinds.ts), and the names that are reserved for kinds to come. */
import type { KindName } from '../../core/correlate/kinds.ts';
import { eventCountReader, valueCountReader } from './counts.ts';
import type { KindReader } from './kind-reader.ts';
import { valueAvgReader, valueMaxReader, valueMinReader, valueSumReader } from './numbers.ts';
import { temporalReader } from './temporal.ts';
import { temporalOrderedReader } from './temporal-ordered.ts';

/** By name, in the order in which hints list them. */
export type Readers = { readonly [name: string]: KindReader };

type Registered = { readonly [Name in KindName]: KindReader & { readonly kind: { readonly name: Name } } };

export const readers = {
  event_count: eventCountReader,
  value_count: valueCountReader,
  value_sum: valueSumReader,
  value_avg: valueAvgReader,
  value_min: valueMinReader,
  value_max: valueMaxReader,
  temporal: temporalReader,
  temporal_ordered: temporalOrderedReader,
} satisfies Registered;

/** Refused as not built yet, not as unknown. */
export const laterKinds: readonly string[] = [
  'value_percentile',
  'value_median',
  'new_value',
  'ratio',
  'geo_velocity',
  'leaky_bucket',
  'absence',
  'spike',
  'outlier',
  'risk',
  'temporal_extended',
];

/** Refused as not read yet, not as unknown. */
export const laterKeys: readonly string[] = [
  'and',
  'percentile',
  'min_history',
  'of',
  'to',
  'baseline',
  'method',
  'min_events',
  'min_km',
  'capacity',
  'leak',
  'distinct',
  'entity',
  'half_life',
  'cap',
  'min_rules',
  'min_datasets',
  'aliases',
  'generate',
];
