/**
 * An event: a JSON object that describes something observed, with the identity and the time that everything after ingest
 * relies on.
 *
 * The object itself (`raw`) stays as the producer sent it. What Weir derives is kept next to it: `id`, `time` and
 * `dataset`, visible to rules as `event.id`, `@timestamp` and `event.dataset`, and `mapped`, the fields that the dataset's
 * mapping file adds.
 */

/** Any JSON object. Keys such as `__proto__` are data: read it with own-property look-ups only (match/fields.ts). */
export type JsonObject = { readonly [key: string]: unknown };

/** What ingest had to add or change to make an event usable. The tags stay with the event and are visible in evidence. */
export type EventTag = 'time_inferred' | 'time_clamped' | 'id_inferred';

export type Event = {
  /** Identity is (dataset, id). Never empty. */
  readonly id: string;
  /** Event time, epoch milliseconds. */
  readonly time: number;
  readonly dataset: string;
  readonly raw: JsonObject;
  /** Fields that the dataset's mapping adds, with flat names: `{'user.name': 'alice'}`. */
  readonly mapped: Readonly<Record<string, unknown>> | undefined;
  readonly tags: readonly EventTag[];
};

/**
 * The position of an event in the streams, by which its full text can be fetched as evidence later.
 * `ms` and `seq` are the two halves of the stream entry's id; `ms` is also the event's arrival time.
 */
export type EventRef = {
  readonly shard: number;
  readonly ms: number;
  readonly seq: number;
  /** Position inside the entry's pack. */
  readonly index: number;
};

/** A point on the arrival clock: a stream id. Ordered by (ms, seq). */
export type Arrival = { readonly ms: number; readonly seq: number };

/** True when `a` is before `b` on the arrival clock. */
export const arrivedBefore = (a: Arrival, b: Arrival): boolean => a.ms < b.ms || (a.ms === b.ms && a.seq < b.seq);

/** An event and its position in the streams, as it passes from decode to correlate. */
export type Located = { readonly event: Event; readonly ref: EventRef };
