/**
 * An item: the part of a body or a file that should be one event, and what can be checked before it is parsed as one.
 * Formats cut items (formats/format.ts); HTTP ingest and replay both read them with parseItem().
 */
import { isUtf8 } from 'node:buffer';
import type { EventDefaults } from '../../core/ingest/envelope.ts';
import type { EventBounds } from '../../core/ingest/json-bounds.ts';
import { findJsonFault, lineAndColumn } from '../../core/ingest/json-fault.ts';
import { rejected, type Rejection, type RejectionCode } from '../../core/ingest/rejection.ts';

export type Item = {
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** The JSON text of the event, without white space around it. */
  readonly text: string;
  /** Where on that line it begins, from 1. Absent: 1. */
  readonly column?: number;
  /** Where in a file it begins, from 0. Absent: no other begins on its line, so that the line identifies it. */
  readonly byte?: number;
  /** Its size, if its bytes are not UTF-8; the text then has replacement characters. */
  readonly badBytes?: number;
  /** What its format says of the event outside of the event's own text. */
  readonly defaults?: EventDefaults;
  /** Why it is not an event, if its format has already found out. */
  readonly rejection?: Rejection;
};

/** Items in their order, some at a time: cut as they are asked for, where the format can. */
export type Items = Iterable<readonly Item[]>;

/** The body as a whole is refused. */
export type NoItems = { readonly kind: 'empty' } | { readonly kind: 'broken'; readonly error: ItemError };

/** Bounds that count while a body is cut. */
export type CutBounds = EventBounds & { readonly requestEventsMax: number };

/** Cuts a body, which has no byte order mark any more. Items beyond `requestEventsMax` need not be cut, but for one. */
export type Cut = (body: Buffer, bounds: CutBounds) => Items | NoItems;

export const notUtf8 = rejected('invalid-utf8', 'holds bytes that are not UTF-8');

/** Why an item has no value. A class, so that no JSON value is mistaken for one. */
export class Unreadable {
  readonly rejection: Rejection;
  constructor(rejection: Rejection) {
    this.rejection = rejection;
  }
}

/**
 * @param bytesMax of the item's text
 * @param cut true when the reader cuts long items anywhere: their size is not known, nor whether they were UTF-8
 * @returns the parsed JSON, or an Unreadable
 */
export function parseItem(item: Item, bytesMax: number, cut = false): unknown {
  const { text, badBytes } = item;
  if (item.rejection !== undefined) return new Unreadable(item.rejection);
  if (badBytes !== undefined && !(cut && badBytes > bytesMax)) return new Unreadable(notUtf8);
  // A UTF-16 code unit has at most three bytes.
  if (3 * text.length > bytesMax && Buffer.byteLength(text) > bytesMax) {
    const detail = cut ? `an event has at most ${bytesMax} bytes` : `has ${Buffer.byteLength(text)} bytes, more than ${bytesMax}`;
    return new Unreadable(rejected('too-large', detail));
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (fault) {
    return new Unreadable(rejected('invalid-json', (fault as Error).message));
  }
}

/** One line of an answer that lists what is wrong with a request. */
export type ItemError = {
  /** Position of the item in the request, from 0. */
  readonly index: number;
  readonly code: RejectionCode;
  readonly detail: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
};

/**
 * The rejection with its place. Invalid JSON is scanned again for the exact character, so list only what is shown.
 * @param exact false: the item's beginning is place enough
 */
export function itemError(index: number, item: Item, { code, detail }: Rejection, exact = true): ItemError {
  const fault = exact && code === 'invalid-json' ? findJsonFault(item.text) : undefined;
  const { line, column } = lineAndColumn(item.text, fault?.at ?? 0);
  return {
    index,
    code,
    detail: fault?.detail ?? detail,
    line: item.line + line - 1,
    column: line === 1 ? (item.column ?? 1) + column - 1 : column,
  };
}

/** The text of an item's bytes. */
export function decoded(bytes: Buffer): Pick<Item, 'text' | 'badBytes'> {
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? { text } : { text, badBytes: bytes.length };
}

/** The bytes without the byte order mark that a body or a file may begin with. */
export function withoutMark(bytes: Buffer): Buffer {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}
