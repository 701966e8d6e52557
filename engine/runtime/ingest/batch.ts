/**
 * From the bytes of one request to packs for the stream and errors for the client. Everything is read before
 * anything is written: a request that is refused has no effect.
 *
 *   [ … ]                   an array: each element is an event
 *   { … } over many lines   one event
 *   { … }\n{ … }\n          lines: each is an event; CRLF, blank lines, a BOM and a missing last newline are fine
 *
 * An item that is no event is rejected alone, with its index, and its line and column in the body. Bytes that are not
 * UTF-8 reject the item they are in. An array that is not closed rejects the request: it was cut off on its way, and
 * its sender would send it again.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { setImmediate as breathe } from 'node:timers/promises';
import { envelope, tagSets, type EnvelopeContext } from '../../core/ingest/envelope.ts';
import { findJsonFault, lineAndColumn } from '../../core/ingest/json-fault.ts';
import { isBlank, splitArray, splitLines } from '../../core/ingest/json-split.ts';
import type { EventBounds } from '../../core/ingest/json-bounds.ts';
import { limits } from '../../core/limits.ts';
import { packer, type Pack } from '../../core/ingest/pack.ts';
import { rejected, type Rejection, type RejectionCode } from '../../core/ingest/rejection.ts';

export type ItemError = {
  readonly index: number;
  readonly code: RejectionCode;
  readonly detail: string;
  readonly line: number;
  readonly column: number;
};

export type Batch = {
  readonly kind: 'batch';
  readonly packs: readonly Pack[];
  readonly accepted: number;
  readonly rejected: number;
  /** At most `limits.requestErrorsMax`, the first ones. */
  readonly errors: readonly ItemError[];
  /** Rejected items per code: all of them, for the metrics. */
  readonly causes: ReadonlyMap<RejectionCode, number>;
  /** Accepted events per set of tag bits (envelope.ts); index 0: those that needed no mending. */
  readonly tagged: readonly number[];
  /** Accepted events per dataset. */
  readonly sources: ReadonlyMap<string, number>;
};

/** The request as a whole is refused. */
export type BatchRefusal =
  | { readonly kind: 'empty' }
  | { readonly kind: 'too-many'; readonly events: number }
  | { readonly kind: 'broken'; readonly error: ItemError };

/** What one request may be; an operator may set others than `limits`. */
export type RequestLimits = EventBounds & { readonly requestEventsMax: number; readonly requestBytesMax: number };

export type BatchContext = EnvelopeContext & {
  readonly bounds: RequestLimits;
  readonly form: 'json' | 'lines';
  /** The id of the item at that index, when it has none. */
  readonly inferId: (index: number) => string;
};

/** Other requests get their turn after this many events: about 5 ms. */
const eventsPerTurn = 1000;

/** @param bytes the body, inflated */
export async function readBatch(bytes: Buffer, context: BatchContext): Promise<Batch | BatchRefusal> {
  const body = decode(bytes);
  const items = itemsOf(body.text, context);
  if ('kind' in items) return items;
  if (items.bounds.length / 2 > context.bounds.requestEventsMax) return { kind: 'too-many', events: items.bounds.length / 2 };

  const packs = packer();
  const causes = new Map<RejectionCode, number>();
  const errors: ItemError[] = [];
  const count = items.bounds.length / 2;
  const tagged = tagSets.map(() => 0);
  const sources = new Map<string, number>();
  let failed = 0;
  for (let index = 0; index < count; index++) {
    if (index % eventsPerTurn === eventsPerTurn - 1) await breathe();
    const start = items.bounds[index * 2]!;
    const rejection = takeItem(body, start, items.bounds[index * 2 + 1]!, index, context, packs, sources);
    if (typeof rejection === 'number') {
      tagged[rejection]!++;
      continue;
    }
    failed++;
    causes.set(rejection.code, (causes.get(rejection.code) ?? 0) + 1);
    if (errors.length < limits.requestErrorsMax) errors.push(located(body.text, start, index, rejection));
  }
  return {
    kind: 'batch',
    packs: packs.finish(),
    accepted: count - failed,
    rejected: failed,
    errors,
    causes,
    tagged,
    sources,
  };
}

type Body = {
  readonly text: string;
  /** How the text spells bytes: one character each (`ascii`, or `bytes` when they are no valid UTF-8), or decoded. */
  readonly spelling: 'ascii' | 'utf8' | 'bytes';
};

function decode(bytes: Buffer): Body {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  const plain = hasMark ? bytes.subarray(3) : bytes;
  if (isAscii(plain)) return { text: plain.toString('latin1'), spelling: 'ascii' };
  // Cut as bytes first, so that one bad byte does not take the other events with it.
  return isUtf8(plain) ? { text: plain.toString('utf8'), spelling: 'utf8' } : { text: plain.toString('latin1'), spelling: 'bytes' };
}

type Items = { readonly bounds: readonly number[] };

function itemsOf(text: string, { form, bounds }: BatchContext): Items | BatchRefusal {
  let first = 0;
  while (first < text.length && isBlank(text, first, first + 1)) first++;
  if (first === text.length) return { kind: 'empty' };
  if (text[first] === '[') return arrayItems(text, first);

  const lines = splitLines(text);
  if (lines.length === 2) return { bounds: lines };
  // Several lines, and the first is no event by itself: one value over many lines, unless lines were declared.
  const whole = [lines[0]!, lines.at(-1)!] as const;
  const firstEnds = text[lines[1]! - 1] === '}';
  if (!firstEnds && (form === 'json' || isJson(text, whole[0], whole[1], bounds.eventBytesMax))) return { bounds: whole };
  return { bounds: lines };
}

function arrayItems(text: string, open: number): Items | BatchRefusal {
  const { bounds, end } = splitArray(text, open + 1);
  if (end !== -1 && text[end - 1] === ']') {
    if (isBlank(text, end, text.length)) return { bounds };
    const at = end + (/\S/.exec(text.slice(end, end + 4096))?.index ?? 0);
    return {
      kind: 'broken',
      error: located(text, at, bounds.length / 2, rejected('invalid-json', 'there is more text after the end of the array')),
    };
  }
  const fault = findJsonFault(text);
  const detail = `the array is not closed: ${fault?.detail ?? 'it ends too early'}`;
  return { kind: 'broken', error: located(text, fault?.at ?? text.length, bounds.length / 2, rejected('invalid-json', detail)) };
}

function isJson(text: string, from: number, to: number, bytesMax: number): boolean {
  if (to - from > bytesMax) return false;
  try {
    JSON.parse(text.slice(from, to));
    return true;
  } catch {
    return false;
  }
}

type ItemRejection = Rejection & { readonly at?: number };

/** Puts the item into the packs and gives its tag bits, or says why not. */
function takeItem(
  body: Body,
  start: number,
  end: number,
  index: number,
  context: BatchContext,
  packs: ReturnType<typeof packer>,
  sources: Map<string, number>,
): ItemRejection | number {
  let text = body.text.slice(start, end);
  if (body.spelling === 'bytes' && !isAscii(Buffer.from(text, 'latin1'))) {
    const bytes = Buffer.from(text, 'latin1');
    if (!isUtf8(bytes)) return rejected('invalid-utf8', 'holds bytes that are not UTF-8');
    text = bytes.toString('utf8');
  }
  const bytes = body.spelling === 'ascii' ? text.length : Buffer.byteLength(text);
  if (bytes > context.bounds.eventBytesMax) return rejected('too-large', `has ${bytes} bytes, more than ${context.bounds.eventBytesMax}`);

  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    const fault = findJsonFault(text);
    return { ...rejected('invalid-json', fault?.detail ?? 'is not JSON'), at: fault?.at ?? 0 };
  }
  const taken = envelope(raw, context, () => context.inferId(index));
  if (taken.kind === 'rejected') return taken;
  packs.add(taken, text, bytes);
  sources.set(taken.dataset, (sources.get(taken.dataset) ?? 0) + 1);
  return taken.tags;
}

function located(text: string, start: number, index: number, rejection: ItemRejection): ItemError {
  return { index, code: rejection.code, detail: rejection.detail, ...lineAndColumn(text, start + (rejection.at ?? 0)) };
}
