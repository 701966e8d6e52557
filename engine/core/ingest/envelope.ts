/**
 * The envelope of an event: the id, time and dataset that everything after ingest relies on. Each is taken from the first
 * source that has a value:
 *
 *   dataset   `event.dataset`; the protocol's; the request's; the first mapping that recognises the event; `default`
 *   id        the field in the dataset's mapping; `event.id`; `id` (with `source` for a CloudEvent); the protocol's; else
 *             inferred
 *   time      the field in the dataset's mapping; `@timestamp`; `time`; `timestamp`; the protocol's; else the time of
 *             receipt
 *
 * Missing, null and "" count as no value. An unusable value rejects the event instead of being skipped: an event with
 * another id or time than its producer meant would be wrong silently.
 */
import { mapFields, type Dataset, type Datasets } from './dataset.ts';
import type { Event, EventTag, JsonObject } from '../event.ts';
import { fieldPath, lookupRaw } from '../match/fields.ts';
import { outOfBounds, type EventBounds } from './json-bounds.ts';
import { limits } from '../limits.ts';
import { rejected, shown, type Rejection } from './rejection.ts';
import { isAbsent, readTime } from './time.ts';

/** Bits of `Envelope.tags`. */
export const tagBits = { time_inferred: 1, time_clamped: 2, id_inferred: 4 } as const;

/** The tags of each combination of tag bits. */
export const tagSets: readonly (readonly EventTag[])[] = Array.from({ length: 8 }, (_, bits) =>
  (['time_inferred', 'time_clamped', 'id_inferred'] as const).filter((tag) => (bits & tagBits[tag]) !== 0),
);

export type Envelope = {
  readonly kind: 'taken';
  readonly id: string;
  /** Epoch ms. */
  readonly time: number;
  readonly dataset: string;
  readonly tags: number;
};

export type EnvelopeContext = {
  readonly datasets: Datasets;
  /** Time of receipt, epoch ms. */
  readonly receivedMs: number;
  /** How far a time may be ahead of the time of receipt; Infinity in replay, which has no time of receipt. */
  readonly futureMsMax: number;
  /** The request's `dataset` parameter, already checked with badDataset(). */
  readonly dataset: string | undefined;
  /** Undefined: `limits`. */
  readonly bounds?: EventBounds | undefined;
};

/** What the protocol that carried an event says about it. It counts if the event itself does not say it. */
export type EventDefaults = {
  readonly id?: string;
  /** Epoch ms. */
  readonly time?: number;
  /** Need not be a valid name; if it is none, the event is rejected. */
  readonly dataset?: string;
};

/**
 * @param raw a parsed JSON value; anything but an object is rejected
 * @param inferId called to get the id of an event that has none
 */
export function envelope(
  raw: unknown,
  context: EnvelopeContext,
  inferId: () => string,
  defaults: EventDefaults | undefined = undefined,
): Envelope | Rejection {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return rejected('not-an-object', `an event must be a JSON object, not ${shown(raw)}`);
  const event = raw as JsonObject;
  const excess = outOfBounds(event, context.bounds);
  if (excess !== undefined) return excess;

  const named = datasetName(event, context, defaults?.dataset);
  if (typeof named === 'object') return named;
  const mapping = context.datasets.byName.get(named);

  let tags = 0;
  let id = givenId(event, mapping) ?? (defaults?.id === undefined ? undefined : idText(defaults.id));
  if (typeof id === 'object') return id;
  if (id === undefined) {
    id = inferId();
    tags |= tagBits.id_inferred;
  }

  let time = givenTime(event, mapping) ?? defaults?.time;
  if (typeof time === 'object') return time;
  if (time === undefined) {
    time = context.receivedMs;
    tags |= tagBits.time_inferred;
  } else if (time > context.receivedMs + context.futureMsMax) {
    time = context.receivedMs;
    tags |= tagBits.time_clamped;
  }
  return { kind: 'taken', id, time, dataset: named, tags };
}

/** The event of an envelope and its object: the same that unpack() returns after the stream. */
export function eventOf(given: Envelope, raw: JsonObject, datasets: Datasets): Event {
  const mapped = mapFields(datasets.byName.get(given.dataset), raw);
  return { id: given.id, time: given.time, dataset: given.dataset, raw, mapped, tags: tagSets[given.tags] ?? [] };
}

/** The reverse of eventOf(): the envelope of an event. */
export const envelopeOf = ({ id, time, dataset, tags }: Event): Envelope => ({
  kind: 'taken',
  id,
  time,
  dataset,
  tags: tags.reduce((bits, tag) => bits | tagBits[tag], 0),
});

const datasetField = fieldPath('event.dataset');
const idFields = [fieldPath('event.id'), fieldPath('id')] as const;
const timeFields = [fieldPath('@timestamp'), fieldPath('time'), fieldPath('timestamp')] as const;

const defaultDataset = 'default';

/** Why a text cannot be the name of a dataset; undefined if it can. */
export function badDataset(name: string): string | undefined {
  if (name === '') return 'the name of a dataset must not be empty';
  if (name.length > limits.datasetLengthMax) return `the name of a dataset must have at most ${limits.datasetLengthMax} characters`;
  if (!name.isWellFormed()) return 'the name of a dataset must not contain lone surrogates';
  return controls.test(name) ? 'the name of a dataset must not contain control characters' : undefined;
}

/** C0 controls and DEL. */
const controls = /[\p{Cc}--[\u0080-\u009f]]/v;

function datasetName(event: JsonObject, context: EnvelopeContext, otherwise: string | undefined): string | Rejection {
  const own = lookupRaw(event, datasetField);
  const given = isAbsent(own) ? otherwise : own;
  if (!isAbsent(given)) {
    if (typeof given !== 'string') return rejected('bad-dataset', `event.dataset must be a string, not ${shown(given)}`);
    if (context.datasets.byName.has(given)) return given;
    const problem = badDataset(given);
    return problem === undefined ? given : rejected('bad-dataset', problem);
  }
  if (context.dataset !== undefined) return context.dataset;
  for (const dataset of context.datasets.recognisable) if (dataset.recognise?.(event)) return dataset.name;
  return defaultDataset;
}

function givenId(event: JsonObject, mapping: Dataset | undefined): string | Rejection | undefined {
  if (mapping?.id !== undefined) {
    const mapped = lookupRaw(event, mapping.id);
    if (!isAbsent(mapped)) return idText(mapped);
  }
  const own = lookupRaw(event, idFields[0]);
  if (!isAbsent(own)) return idText(own);
  const plain = lookupRaw(event, idFields[1]);
  if (isAbsent(plain)) return undefined;
  const id = idText(plain);
  // A CloudEvent is identified by source and id together. The source is a URI reference, which has no spaces.
  const source = Object.hasOwn(event, 'specversion') ? event['source'] : undefined;
  return typeof id === 'string' && typeof source === 'string' && source !== '' ? bounded(`${source} ${id}`.toWellFormed()) : id;
}

function idText(value: unknown): string | Rejection {
  if (typeof value === 'string') return bounded(value.toWellFormed());
  if (typeof value !== 'number') return rejected('bad-id', `the id must be a string or a number, not ${shown(value)}`);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return rejected('unsafe-integer', `id ${value} is beyond 2^53 and has lost digits: send it as a string`);
  }
  return String(value);
}

const bounded = (id: string): string | Rejection =>
  id.length <= limits.idLengthMax ? id : rejected('bad-id', `the id has ${id.length} characters, the maximum is ${limits.idLengthMax}`);

function givenTime(event: JsonObject, mapping: Dataset | undefined): number | Rejection | undefined {
  if (mapping?.time !== undefined) {
    const mapped = lookupRaw(event, mapping.time);
    if (!isAbsent(mapped)) return readTime(mapped);
  }
  for (const field of timeFields) {
    const value = lookupRaw(event, field);
    if (!isAbsent(value)) return readTime(value);
  }
  return undefined;
}
