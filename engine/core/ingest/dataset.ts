/**
 * A dataset (a feed) as its mapping file describes it: where its events keep their id and time, how its own names
 * map to the shared ones (ECS), and how such an event is recognised when it does not say its dataset.
 */
import type { JsonObject } from '../event.ts';
import { lookupRaw, type FieldPath } from '../match/fields.ts';

export type Dataset = {
  readonly name: string;
  readonly id: FieldPath | undefined;
  readonly time: FieldPath | undefined;
  readonly fields: readonly { readonly to: string; readonly from: FieldPath }[];
  readonly constants: Readonly<Record<string, unknown>>;
  /** True when an event without a dataset of its own is of this one. Undefined: never guessed. */
  readonly recognise: ((raw: JsonObject) => boolean) | undefined;
};

export type Datasets = {
  readonly byName: ReadonlyMap<string, Dataset>;
  /** Those with `recognise`, in the order in which they are asked: by file name. */
  readonly recognisable: readonly Dataset[];
};

export const noDatasets: Datasets = { byName: new Map(), recognisable: [] };

/** The names that the mapping adds to this event; undefined when there is no mapping. Null and missing sources add nothing. */
export function mapFields(dataset: Dataset | undefined, raw: JsonObject): Record<string, unknown> | undefined {
  if (dataset === undefined) return undefined;
  const mapped: Record<string, unknown> = { __proto__: null };
  Object.assign(mapped, dataset.constants);
  for (const { to, from } of dataset.fields) {
    const value = lookupRaw(raw, from);
    if (value !== undefined && value !== null) mapped[to] = value;
  }
  return mapped;
}
