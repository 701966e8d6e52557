/**
 * Every bound of the engine, each with its sentence. Reaching one is counted and visible (metrics.ts).
 * Those an operator may change are read in config.ts, with these as defaults.
 */
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  /** One event's JSON text. */
  eventBytesMax: 64 * KiB,
  /** Nesting of objects and arrays in one event; deeper ones are rejected with `too-deep`. */
  eventDepthMax: 32,
  /** Keys in one event, all levels together. */
  eventKeysMax: 512,
  /** Events of one request. */
  requestEventsMax: 10_000,
  /** Bytes of one request after inflating. */
  requestBytesMax: 10 * MiB,
  /** Length of an event id, UTF-16 code units. */
  idLengthMax: 512,
  /** A clock running ahead by more than this is not believed: the event gets the time of receipt. */
  futureMsMax: 5 * minute,
  /** Bytes of one stream entry: a pack. */
  packBytesMax: 256 * KiB,
  /** Entries of one step in one window log. */
  stepEntriesMax: 4096,
  /** Steps of one rule. */
  stepsMax: 32,
  /** Groups that one event may belong to in one step (arrays in group-by: their product). */
  groupsPerEventMax: 64,
  /** Values that one event may add to one log (arrays in the counted field). */
  valuesPerEventMax: 256,
  /** Full events kept with an alert; an analyst reads no more, the rest are counted. */
  evidenceMax: 50,
  /** Default of WEIR_LATENESS: how late an event may arrive and still be judged in its windows exactly. */
  latenessMs: 5 * minute,
  /** Default of WEIR_LAG_MAX: how long an outage of all workers the window logs outlive. */
  lagMsMax: 24 * hour,
  /** Longest timespan of a rule. */
  timespanMsMax: 400 * 24 * hour,
  /** Keys and bytes of one script call: Redis serves nobody else meanwhile. */
  scriptKeysMax: 1000,
  scriptBytesMax: 256 * KiB,
  /** Partitions of window logs and outboxes, fixed when a Redis is first used. */
  partitions: 64,
  /** Shards of the event stream, fixed when a Redis is first used. */
  shards: 4,
} as const;
