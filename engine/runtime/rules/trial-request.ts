/**
 * Reads the body of a trial: rules as text or JSON, and events. It runs where the trial runs, since parsing ten megabytes
 * of JSON is itself work that must not hold up others. The depth is bounded before the text is parsed.
 */
import type { JsonObject } from '../../core/event.ts';
import { outOfBounds, type EventBounds } from '../../core/ingest/json-bounds.ts';
import { isDeeperThan } from '../../core/ingest/json-depth.ts';
import { limits } from '../../core/limits.ts';

export type TrialRequest = {
  readonly kind: 'request';
  /** The text of a rule file; undefined: the running rules. */
  readonly rules: string | undefined;
  readonly events: readonly JsonObject[];
};

/** Why the body is refused. `pointer`: a JSON pointer to the part that is wrong; none if it is not JSON. */
export type InvalidTrial = {
  readonly kind: 'invalid';
  readonly code: string;
  readonly pointer?: string;
  readonly detail: string;
};

const ruleBounds: EventBounds = { eventBytesMax: Infinity, eventDepthMax: limits.documentDepthMax, eventKeysMax: Infinity };
/** The body itself, `rules` or `events`, and a list of rules. */
const depthMax = limits.documentDepthMax + 3;

/** @param bytes JSON in UTF-8 */
export function readTrialRequest(bytes: Uint8Array): TrialRequest | InvalidTrial {
  if (isDeeperThan(bytes, depthMax)) return invalid('/body', `nested deeper than ${depthMax} levels`, 'too-deep');
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (fault) {
    return { kind: 'invalid', code: 'invalid-json', detail: `the body is not JSON: ${(fault as Error).message}` };
  }
  if (!isObject(body)) return invalid('/body', 'must be an object');
  const unknown = Object.keys(body).find((key) => key !== 'rules' && key !== 'events');
  if (unknown !== undefined) return invalid(`/body/${unknown.slice(0, 64)}`, 'unknown field; known: rules, events');
  const rules = rulesOf(body['rules']);
  if (typeof rules === 'object') return rules;
  const events = eventsOf(body['events']);
  return 'kind' in events ? events : { kind: 'request', rules, events };
}

function rulesOf(given: unknown): string | undefined | InvalidTrial {
  if (given === undefined || typeof given === 'string') return given;
  const listed = Array.isArray(given) ? given.every(isObject) : isObject(given);
  if (!listed) return invalid('/body/rules', 'must be a string, an object or an array of objects');
  const excess = outOfBounds(given as object, ruleBounds);
  return excess === undefined ? JSON.stringify(given) : invalid('/body/rules', excess.detail, excess.code);
}

function eventsOf(given: unknown): readonly JsonObject[] | InvalidTrial {
  const wanted = `must be an array of at most ${limits.requestEventsMax} items`;
  if (given === undefined) return invalid('/body/events', `is missing; ${wanted}`);
  if (!Array.isArray(given) || given.length > limits.requestEventsMax) return invalid('/body/events', wanted);
  for (const [index, event] of given.entries()) {
    const pointer = `/body/events/${index}`;
    if (!isObject(event)) return invalid(pointer, 'an event must be a JSON object');
    const excess = outOfBounds(event);
    if (excess !== undefined) return invalid(pointer, excess.detail, excess.code);
  }
  return given as JsonObject[];
}

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (pointer: string, detail: string, code = 'invalid-request'): InvalidTrial => ({ kind: 'invalid', code, pointer, detail });
