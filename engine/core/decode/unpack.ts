/**
 * Decodes a pack (ingest/pack.ts) into events.
 *
 * A pack is parsed some lines at a time, so that its values are still in the processor's caches when they are matched.
 * If that fails because something else wrote to the stream, each event is parsed by itself, and only the broken ones are
 * given up.
 */
import { mapFields, type Datasets } from '../ingest/dataset.ts';
import { tagSets } from '../ingest/envelope.ts';
import type { Event, EventRef, JsonObject, Located } from '../event.ts';
import { splitArray } from '../ingest/json-split.ts';
import { packHead, packTail } from '../ingest/pack.ts';

/** A part of an entry that cannot be decoded. */
export type Undecodable = { readonly ref: EventRef; readonly cause: string; readonly body: string };

export type Unpacked = { readonly located: readonly Located[]; readonly undecodable: readonly Undecodable[] };

/**
 * The same as unpack, in parts of `partEvents` events: their values are still in the processor's caches when they are
 * matched, and are garbage before the next part is parsed. With packs of 500 events in one part, an event takes 240 ns of
 * 3 µs more.
 */
export function* unpackInParts(text: string, place: EntryPlace, datasets: Datasets): Generator<Unpacked> {
  const starts = text.startsWith(`${packHead}\n`) && text.endsWith(packTail) ? lineStarts(text) : new Int32Array(0);
  if (starts.length === 0) {
    yield unpack(text, place, datasets);
    return;
  }
  for (let from = 0; from < starts.length; from += partEvents) {
    const to = Math.min(from + partEvents, starts.length);
    // Each line ends with a comma, and the last one with the end of the pack.
    const end = to === starts.length ? text.length - packTail.length : starts[to]! - 2;
    yield unpackLines(text.slice(starts[from], end), from, to - from, place, datasets);
  }
}

const partEvents = 128;

function unpackLines(lines: string, first: number, count: number, place: EntryPlace, datasets: Datasets): Unpacked {
  const refTo = (n: number): EventRef => ({ shard: place.shard, ms: place.ms, seq: place.seq, index: first + n });
  const items = parse(`[${lines}]`);
  if (Array.isArray(items) && items.length === count) {
    const events = items.map((item) => readItem(item, datasets));
    if (!events.includes(undefined)) return { located: events.map((event, n) => ({ event: event!, ref: refTo(n) })), undecodable: [] };
  }
  const located: Located[] = [];
  const undecodable: Undecodable[] = [];
  for (const [n, line] of lines.split('\n').entries()) {
    const event = eventOfLine(line, datasets);
    if (event !== undefined) located.push({ event, ref: refTo(n) });
    else undecodable.push({ ref: refTo(n), cause: 'not an event of a pack', body: line });
  }
  return { located, undecodable };
}

/** The position of an entry in the streams. */
export type EntryPlace = { readonly shard: number; readonly ms: number; readonly seq: number };

/** Decodes an entry. Never throws: an entry of which nothing can be decoded becomes one undecodable with index 0. */
export function unpack(text: string, place: EntryPlace, datasets: Datasets): Unpacked {
  const located: Located[] = [];
  const undecodable: Undecodable[] = [];
  const refTo = (index: number): EventRef => ({ shard: place.shard, ms: place.ms, seq: place.seq, index });
  const take = (item: unknown, index: number): boolean => {
    const event = readItem(item, datasets);
    if (event !== undefined) located.push({ event, ref: refTo(index) });
    return event !== undefined;
  };
  const give = (cause: string, body: string, index: number): void => void undecodable.push({ ref: refTo(index), cause, body });

  const whole = parse(text);
  const items = whole === undefined ? [] : readItems(whole);
  if (items === undefined) {
    give('not a pack of a known version', text, 0);
    return { located, undecodable };
  }
  let good = items.length > 0;
  for (let index = 0; good && index < items.length; index++) good = take(items[index], index);
  if (good) return { located, undecodable };

  located.length = 0;
  const { bounds, end } = text.startsWith(packHead) ? splitArray(text, packHead.length) : { bounds: [], end: 0 };
  if (bounds.length === 0) give(whole === undefined ? 'not JSON' : 'an empty or foreign pack', text, 0);
  for (let i = 0; i < bounds.length; i += 2) {
    const body = text.slice(bounds[i], bounds[i + 1]);
    const item = parse(body);
    if (!take(item, i / 2)) give(item === undefined ? 'not JSON' : 'not an event of a pack', body, i / 2);
  }
  if (end === -1 && bounds.length > 0) give('cut off', text.slice(bounds.at(-1)! + 1), bounds.length / 2);
  return { located, undecodable };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The positions at which the events of a pack begin, one per line. */
export function lineStarts(text: string): Int32Array {
  const starts: number[] = [];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return Int32Array.from(starts);
}

/** Decodes the event on one line, without the comma or the end of the pack after it. Undefined when it is not an event. */
export function eventOfLine(line: string, datasets: Datasets): Event | undefined {
  const end = line.endsWith(packTail) ? line.length - packTail.length : line.endsWith(',') ? line.length - 1 : line.length;
  return readItem(parse(line.slice(0, end)), datasets);
}

function readItems(whole: unknown): readonly unknown[] | undefined {
  if (typeof whole !== 'object' || whole === null) return undefined;
  const { v, e } = whole as { v?: unknown; e?: unknown };
  return v === 1 && Array.isArray(e) ? e : undefined;
}

function readItem(item: unknown, datasets: Datasets): Event | undefined {
  if (!Array.isArray(item) || item.length !== 5) return undefined;
  const [time, id, dataset, tags, raw] = item as unknown[];
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || typeof id !== 'string' || id === '' || typeof dataset !== 'string')
    return undefined;
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  const names = typeof tags === 'number' ? tagSets[tags] : undefined;
  if (names === undefined) return undefined;
  const mapped = mapFields(datasets.byName.get(dataset), raw as JsonObject);
  return { id, time, dataset, raw: raw as JsonObject, mapped, tags: names };
}
