/**
 * Looks up the value of a field name in an event, in this order:
 *
 *   1. the derived fields: `event.id`, `@timestamp` (RFC 3339, UTC) and `event.dataset`;
 *   2. an own property with the full dotted name;
 *   3. a path of own properties, one level per part; on an array a part must be an index (`length` is not data);
 *   4. a name that the dataset's mapping adds.
 *
 * 2 and 3 are never mixed. Only own properties count: `__proto__` and `constructor` are data when an event carries them
 * as its own keys, and missing otherwise.
 */
import type { Event } from '../event.ts';

export type FieldPath = { readonly name: string; readonly parts: readonly string[] };

export const fieldPath = (name: string): FieldPath => ({ name, parts: name.split('.') });

const own = Object.prototype.hasOwnProperty;
const arrayIndex = /^(?:0|[1-9][0-9]{0,8})$/;

/** The own property of an object or array under that key; undefined when there is none. */
function ownValue(holder: unknown, key: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  if (Array.isArray(holder)) return arrayIndex.test(key) ? holder[Number(key)] : undefined;
  return own.call(holder, key) ? (holder as Record<string, unknown>)[key] : undefined;
}

/** Follows own properties from `holder`; undefined as soon as one is missing. */
export function walk(holder: unknown, parts: readonly string[]): unknown {
  let value = holder;
  for (const part of parts) {
    value = ownValue(value, part);
    if (value === undefined) return undefined;
  }
  return value;
}

/** The field's value in the event; undefined when the event lacks it. */
export function lookup(event: Event, field: FieldPath): unknown {
  switch (field.name) {
    case 'event.id':
      return event.id;
    case '@timestamp':
      return new Date(event.time).toISOString();
    case 'event.dataset':
      return event.dataset;
  }
  const value = lookupRaw(event.raw, field);
  return value === undefined && event.mapped !== undefined ? ownValue(event.mapped, field.name) : value;
}

/** The same on a plain object, without derived fields. Dataset mappings read through this. */
export function lookupRaw(raw: object, field: FieldPath): unknown {
  if (own.call(raw, field.name)) return (raw as Record<string, unknown>)[field.name];
  return field.parts.length === 1 ? undefined : walk(raw, field.parts);
}
