/**
 * From the bytes of one request to packs for the stream, and what the answer needs. Everything is read before anything
 * is written: a request that is refused has no effect.
 *
 * An item that is not an event is rejected alone. Bytes that are not UTF-8 reject the item they are in.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { envelope, tagSets, type EnvelopeContext } from '../../core/ingest/envelope.ts';
import { packer, type Pack } from '../../core/ingest/pack.ts';
import type { Rejection, RejectionCode } from '../../core/ingest/rejection.ts';
import { parseItem, Unreadable, withoutMark, type Cut, type CutBounds, type Item, type NoItems } from './item.ts';

export type Batch = {
  readonly kind: 'batch';
  readonly packs: readonly Pack[];
  /** In the order of the body, rejected ones included. */
  readonly items: readonly Item[];
  readonly accepted: number;
  /** In order of index, which is the item's in `items`. */
  readonly rejections: readonly { readonly index: number; readonly rejection: Rejection }[];
  /** Rejected items per code. */
  readonly causes: ReadonlyMap<RejectionCode, number>;
  /** Accepted events per set of tag bits (envelope.ts); index 0: those with an id and a time of their own. */
  readonly tagged: readonly number[];
  /** Accepted events per dataset. */
  readonly sources: ReadonlyMap<string, number>;
};

/** The request as a whole is refused. */
export type BatchRefusal = NoItems | { readonly kind: 'too-many' };

/** What one request may be; an operator may set others than `limits`. */
export type RequestLimits = CutBounds & { readonly requestBytesMax: number };

export type ReadContext = EnvelopeContext & {
  readonly bounds: RequestLimits;
  readonly format: { readonly items: Cut };
  /** The id of the item at that index, when it has none. */
  readonly inferId: (index: number) => string;
};

/** Other requests get their turn after this many events, or characters of events: about 5 ms, or 15 if they are hostile. */
const eventsPerTurn = 1000;
const charactersPerTurn = 1 << 18;
/** And after this many parts of a body were cut, each of some 32 KB. */
const partsPerTurn = 8;

/** @param bytes the body, inflated */
export async function readBatch(bytes: Buffer, context: ReadContext): Promise<Batch | BatchRefusal> {
  const items = await itemsWithin(bytes, context);
  if ('kind' in items) return items;

  const packs = packer();
  const rejections: { index: number; rejection: Rejection }[] = [];
  const causes = new Map<RejectionCode, number>();
  const tagged = tagSets.map(() => 0);
  const sources = new Map<string, number>();
  let events = 0;
  let characters = 0;
  for (let index = 0; index < items.length; index++) {
    if (events >= eventsPerTurn || characters >= charactersPerTurn) {
      await breathe();
      events = 0;
      characters = 0;
    }
    const item = items[index]!;
    events += 1;
    characters += item.text.length;
    const taken = takeItem(item, index, context);
    if (taken.kind === 'rejected') {
      rejections.push({ index, rejection: taken });
      causes.set(taken.code, (causes.get(taken.code) ?? 0) + 1);
      continue;
    }
    packs.add(taken, item.text, Buffer.byteLength(item.text));
    tagged[taken.tags]!++;
    sources.set(taken.dataset, (sources.get(taken.dataset) ?? 0) + 1);
  }
  const accepted = items.length - rejections.length;
  return { kind: 'batch', packs: packs.finish(), items, accepted, rejections, causes, tagged, sources };
}

/** Stops at the first part with too many items, so that a body of tiny ones does not fill the memory. */
async function itemsWithin(bytes: Buffer, { format, bounds }: ReadContext): Promise<readonly Item[] | BatchRefusal> {
  const cut = format.items(withoutMark(bytes), bounds);
  if ('kind' in cut) return cut;
  const items: Item[] = [];
  let parts = 0;
  for (const part of cut) {
    if (items.length + part.length > bounds.requestEventsMax) return { kind: 'too-many' };
    for (const item of part) items.push(item);
    if (++parts % partsPerTurn === 0) await breathe();
  }
  return items;
}

function takeItem(item: Item, index: number, context: ReadContext): ReturnType<typeof envelope> {
  const raw = parseItem(item, context.bounds.eventBytesMax);
  if (raw instanceof Unreadable) return raw.rejection;
  return envelope(raw, context, () => context.inferId(index), item.defaults);
}
