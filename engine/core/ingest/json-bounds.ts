/**
 * Checks the bounds of a parsed event: depth, number of keys, and no numbers that JSON cannot represent (1e999 is valid
 * JSON and parses to Infinity, which cannot be written as JSON again).
 *
 * One walk over own keys. It never goes deeper than the bound, so that nesting cannot exhaust the stack; and it only
 * reads, so that keys such as `__proto__` remain plain data.
 */
import { limits } from '../limits.ts';
import { rejected, type Rejection } from './rejection.ts';

/** The bounds of one event; settings may override `limits`. */
export type EventBounds = { readonly eventBytesMax: number; readonly eventDepthMax: number; readonly eventKeysMax: number };

/** Why the event is out of bounds; undefined if it is within. The caller checks its size in bytes. */
export function outOfBounds(event: object, bounds: EventBounds = limits): Rejection | undefined {
  const walk: Walk = { bounds, keys: 0, found: undefined };
  visit(event, 1, walk);
  return walk.found;
}

type Walk = { readonly bounds: EventBounds; keys: number; found: Rejection | undefined };

function visit(holder: object, depth: number, walk: Walk): void {
  if (depth > walk.bounds.eventDepthMax) {
    walk.found = rejected('too-deep', `nested deeper than ${walk.bounds.eventDepthMax} levels`);
    return;
  }
  if (Array.isArray(holder)) {
    for (let i = 0; i < holder.length; i++) {
      if (!fine(holder[i], depth, walk)) return;
    }
    return;
  }
  // Parsed JSON has no enumerable prototype properties, and for-in is the fastest iteration over own ones.
  for (const key in holder) {
    if (++walk.keys > walk.bounds.eventKeysMax) {
      walk.found = rejected('too-many-keys', `more than ${walk.bounds.eventKeysMax} keys`);
      return;
    }
    if (!fine((holder as Record<string, unknown>)[key], depth, walk)) return;
  }
}

function fine(value: unknown, depth: number, walk: Walk): boolean {
  if (typeof value === 'object' && value !== null) visit(value, depth + 1, walk);
  else if (typeof value === 'number' && !Number.isFinite(value)) {
    walk.found = rejected('not-finite', 'a number is out of range');
  }
  return walk.found === undefined;
}

const otherwise = 8;

/**
 * The approximate length of a JSON value as text, without serialising it: keys and strings by their characters, anything
 * else as eight.
 * @param value from JSON.parse, so of bounded depth (`limits.eventDepthMax`)
 */
export function textSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return otherwise;
  let size = 2;
  if (Array.isArray(value)) for (const member of value) size += textSize(member) + 1;
  else for (const key in value) size += key.length + 4 + textSize((value as Record<string, unknown>)[key]);
  return size;
}
