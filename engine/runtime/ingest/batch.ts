/**
 * From the bytes of one request to packs for the stream, and what the answer needs. Everything is read before anything
 * is written: a request that is refused has no effect.
 *
 * An item that is not an event is rejected alone. Bytes that are not UTF-8 reject the item they are in.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { envelope, tagSets, type EnvelopeContext } from '../../core/ingest/envelope.ts';
import type { EventBounds } from '../../core/ingest/json-bounds.ts';
import { packer, type Pack } from '../../core/ingest/pack.ts';
import type { Rejection, RejectionCode } from '../../core/ingest/rejection.ts';
import { parseItem, Unreadable, withoutMark, type Cut, type Item, type NoItems } from './item.ts';

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
export type BatchRefusal = NoItems | { readonly kind: 'too-many'; readonly events: number };

/** What one request may be; an operator may set others than `limits`. */
export type RequestLimits = EventBounds & { readonly requestEventsMax: number; readonly requestBytesMax: number };

export type ReadContext = EnvelopeContext & {
  readonly bounds: RequestLimits;
  readonly format: { readonly items: Cut };
  /** The id of the item at that index, when it has none. */
  readonly inferId: (index: number) => string;
};

/** Other requests get their turn after this many events: about 5 ms. */
const eventsPerTurn = 1000;

/** @param bytes the body, inflated */
export async function readBatch(bytes: Buffer, context: ReadContext): Promise<Batch | BatchRefusal> {
  const items = itemsWithin(bytes, context);
  if ('kind' in items) return items;

  const packs = packer();
  const rejections: { index: number; rejection: Rejection }[] = [];
  const causes = new Map<RejectionCode, number>();
  const tagged = tagSets.map(() => 0);
  const sources = new Map<string, number>();
  for (let index = 0; index < items.length; index++) {
    if (index % eventsPerTurn === eventsPerTurn - 1) await breathe();
    const item = items[index]!;
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

/** Of too many items none is kept, so that a body of tiny ones does not fill the memory. */
function itemsWithin(bytes: Buffer, { format, bounds }: ReadContext): readonly Item[] | BatchRefusal {
  const cut = format.items(withoutMark(bytes), bounds);
  if ('kind' in cut) return cut;
  let items: Item[] = [];
  let events = 0;
  for (const part of cut) {
    events += part.length;
    if (events <= bounds.requestEventsMax) for (const item of part) items.push(item);
    else items = [];
  }
  return events > bounds.requestEventsMax ? { kind: 'too-many', events } : items;
}

function takeItem(item: Item, index: number, context: ReadContext): ReturnType<typeof envelope> {
  const raw = parseItem(item, context.bounds.eventBytesMax);
  if (raw instanceof Unreadable) return raw.rejection;
  return envelope(raw, context, () => context.inferId(index), item.defaults);
}
