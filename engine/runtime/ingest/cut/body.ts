/**
 * A body of JSON in whichever of three forms it is, since senders mix up their media types:
 *
 *   [ … ]                   an array: each element is an event
 *   { … } over many lines   one event
 *   { … }\n{ … }\n          lines: each is an event; CRLF, blank lines and a missing last newline are fine
 */
import { lineAndColumn } from '../../../core/ingest/json-fault.ts';
import { decoded, type Item, type Items, type NoItems } from '../item.ts';
import { elementsOf } from './array.ts';
import { linesOf } from './lines.ts';

const newline = 0x0a;
const bracket = 0x5b;
const brace = 0x7d;

/**
 * @param max items, beyond which an array need not be cut
 * @param isOne whether several lines, of which the first is not an event by itself, are one value: the item is all of
 * them. Otherwise they are taken for lines.
 */
export function itemsOfBody(body: Buffer, max: number, isOne: (whole: Item) => boolean): Items | NoItems {
  let first = 0;
  while (isWhite(body[first])) first += 1;
  if (first === body.length) return { kind: 'empty' };
  if (body[first] === bracket) return elementsOf(body, max);
  let last = body.length - 1;
  while (isWhite(body[last])) last -= 1;
  const whole = isSpread(body, first, last) ? wholeItem(body, first, last) : undefined;
  return whole !== undefined && isOne(whole) ? [[whole]] : linesOf(body, 1);
}

/** True when there are several lines, and the first does not end as an object does. */
function isSpread(body: Buffer, first: number, last: number): boolean {
  const lineEnd = body.indexOf(newline, first);
  if (lineEnd === -1 || lineEnd > last) return false;
  let end = lineEnd - 1;
  while (isWhite(body[end])) end -= 1;
  return body[end] !== brace;
}

function wholeItem(body: Buffer, first: number, last: number): Item {
  return { ...decoded(body.subarray(first, last + 1)), ...lineAndColumn(body.toString('latin1', 0, first), first) };
}

/** JSON white space. */
const isWhite = (byte: number | undefined): boolean => byte === 0x20 || byte === newline || byte === 0x0d || byte === 0x09;
