/**
 * A dataset as described by its mapping file: where its events have their id and time, how its field names map to the
 * common ones (ECS), and how an event without event.dataset is recognised.
 */
import type { JsonObject } from '../event.ts';
import { lookupRaw, type FieldPath } from '../match/fields.ts';

export type Dataset = {
  readonly name: string;
  readonly id: FieldPath | undefined;
  readonly time: FieldPath | undefined;
  readonly fields: readonly { readonly to: string; readonly from: FieldPath }[];
  readonly constants: Readonly<Record<string, unknown>>;
  /** Whether an event without event.dataset belongs to this dataset. Undefined: never. */
  readonly recognise: ((raw: JsonObject) => boolean) | undefined;
};

export type Datasets = {
  readonly byName: ReadonlyMap<string, Dataset>;
  /** The datasets with `recognise`, in the order they are tried: by file name. */
  readonly recognisable: readonly Dataset[];
};

/** The fields that the mapping adds to an event; undefined without a mapping. Null and missing sources add nothing. */
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
