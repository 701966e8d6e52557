/**
 * The entries of all window logs of one process. A number identifies an entry, and the entries of a log are chained, each
 * to the one before it. As objects (four per entry, with its boxed numbers) they made garbage collection take most of a
 * replay: the collector visits everything alive again and again, and in a replay that is everything the windows hold.
 *
 * An entry takes 64 bytes, one cache line: the logs of a busy replay are scattered over the memory, and so reading an
 * entry costs one cache miss, the least possible.
 */
import type { Entry } from '../../core/correlate/entry.ts';
import type { EventRef } from '../../core/event.ts';

/** The end of a chain. */
export const none = -1;

/** Notified which events the entries need, by position. References that carry their event are left out. */
export type Holder = { hold(position: number): void; release(position: number): void };

const noHolder: Holder = { hold() {}, release() {} };
const textBit = 1 << 11;
const countedBit = 1 << 10;

/** log2 of the entries per page: memory is allocated by the page, and never moved. */
const pageBits = 12;
const pageMask = (1 << pageBits) - 1;

/** Layout of the 64 bytes: `eights` are indexes into a Float64Array, `fours` into an Int32Array. */
const eights = { time: 0, id: 1, value: 2, arrival: 3, position: 4 } as const;
const fours = { slot: 10, place: 11, before: 12 } as const;

/** The same bytes as three typed arrays. */
class Page {
  readonly eights = new Float64Array(8 << pageBits);
  readonly fours = new Int32Array(this.eights.buffer);
  readonly bytes = new Uint8Array(this.eights.buffer);
}

export class EntryArena {
  readonly #holder: Holder;
  readonly #pages: Page[] = [];
  #size = 0;
  #free = none;
  /** References that carry their event, by entry. The other references are stored in the pages. */
  readonly #refs: (EventRef | undefined)[] = [];

  constructor(holder: Holder = noHolder) {
    this.#holder = holder;
  }

  /** Adds an entry and returns its number. @param before the entry that it follows in its log, or `none` */
  add(
    before: number,
    time: number,
    id: string,
    step: number,
    index: number,
    value: number | string,
    ref: EventRef,
    counted = false,
  ): number {
    const at = this.#take();
    const page = this.#pages[at >>> pageBits]!;
    const n = at & pageMask;
    const eight = n << 3;
    const four = n << 4;
    const text = typeof value === 'string';
    page.eights[eight + eights.time] = time;
    writeText(page.bytes, eight + eights.id, id);
    if (text) writeText(page.bytes, eight + eights.value, value);
    else page.eights[eight + eights.value] = value;
    page.eights[eight + eights.arrival] = ref.ms;
    page.eights[eight + eights.position] = ref.seq;
    // From the highest bit to the lowest: step:5 text:1 counted:1 index:10.
    page.fours[four + fours.slot] = (step << 12) | (text ? textBit : 0) | (counted ? countedBit : 0) | index;
    page.fours[four + fours.place] = (ref.shard << 16) | ref.index;
    page.fours[four + fours.before] = before;
    if ('event' in ref) this.#refs[at] = ref;
    else this.#holder.hold(ref.seq);
    return at;
  }

  read(at: number): Entry {
    const page = this.#pages[at >>> pageBits]!;
    const n = at & pageMask;
    const eight = n << 3;
    const four = n << 4;
    const slot = page.fours[four + fours.slot]!;
    const place = page.fours[four + fours.place]!;
    return {
      time: page.eights[eight + eights.time]!,
      id: textAt(page.bytes, eight + eights.id),
      step: slot >>> 12,
      index: slot & (countedBit - 1),
      value: (slot & textBit) === 0 ? page.eights[eight + eights.value]! : textAt(page.bytes, eight + eights.value),
      ref: this.#refs[at] ?? {
        shard: place >>> 16,
        ms: page.eights[eight + eights.arrival]!,
        seq: page.eights[eight + eights.position]!,
        index: place & 0xffff,
      },
      counted: (slot & countedBit) !== 0,
    };
  }

  /** The entry that this one follows in its log, or `none`. */
  before(at: number): number {
    return this.#pages[at >>> pageBits]!.fours[((at & pageMask) << 4) + fours.before]!;
  }

  follow(at: number, before: number): void {
    this.#pages[at >>> pageBits]!.fours[((at & pageMask) << 4) + fours.before] = before;
  }

  stepOf(at: number): number {
    return this.#pages[at >>> pageBits]!.fours[((at & pageMask) << 4) + fours.slot]! >>> 12;
  }

  arrivalMs(at: number): number {
    return this.#pages[at >>> pageBits]!.eights[((at & pageMask) << 3) + eights.arrival]!;
  }

  /** Frees the entry and all before it in its log. */
  freeChain(last: number): void {
    for (let at = last; at !== none;) {
      const before = this.before(at);
      if (this.#refs[at] === undefined)
        this.#holder.release(this.#pages[at >>> pageBits]!.eights[((at & pageMask) << 3) + eights.position]!);
      else this.#refs[at] = undefined;
      this.follow(at, this.#free);
      this.#free = at;
      at = before;
    }
  }

  #take(): number {
    const at = this.#free;
    if (at !== none) {
      this.#free = this.before(at);
      return at;
    }
    if (this.#size === this.#pages.length << pageBits) this.#pages.push(new Page());
    return this.#size++;
  }
}

function writeText(bytes: Uint8Array, eight: number, text: string): void {
  for (let i = 0; i < 8; i++) bytes[8 * eight + i] = text.charCodeAt(i);
}

const textAt = (bytes: Uint8Array, eight: number): string =>
  String.fromCharCode(
    bytes[8 * eight]!,
    bytes[8 * eight + 1]!,
    bytes[8 * eight + 2]!,
    bytes[8 * eight + 3]!,
    bytes[8 * eight + 4]!,
    bytes[8 * eight + 5]!,
    bytes[8 * eight + 6]!,
    bytes[8 * eight + 7]!,
  );
