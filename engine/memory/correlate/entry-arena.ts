/**
 * The entries of all window logs of one process: one number names an entry, and those of a log are chained, each to the
 * one before it. As objects, four of them an entry with its boxed numbers, they made the garbage collector take most
 * of a replay: it looks through all that is alive again and again, and in a replay that is all that the windows hold.
 *
 * An entry is 64 bytes, as many as a processor reads at once: the logs of a busy replay lie all over the memory, and
 * one wait for each entry that is read is what must be waited.
 */
import type { Entry } from '../../core/correlate/entry.ts';
import type { EventRef } from '../../core/event.ts';

/** The end of a chain. */
export const none = -1;

/** Told whose events the entries need: of those whose reference does not carry its event. */
export type Holder = { hold(position: number): void; release(position: number): void };

const nobody: Holder = { hold() {}, release() {} };
const textBit = 1 << 11;
const countedBit = 1 << 10;

/** Entries of a page: memory is taken by the page, and never moved. */
const pageBits = 12;
const pageMask = (1 << pageBits) - 1;

/** Where what lies in the 64 bytes: the eights in Float64Array, the fours in Int32Array. */
const eights = { time: 0, id: 1, value: 2, arrival: 3, position: 4 } as const;
const fours = { slot: 10, place: 11, before: 12 } as const;

/** The same bytes, seen as three things. */
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
  /** References that carry their event; the others are in the pages. */
  readonly #refs: (EventRef | undefined)[] = [];

  constructor(holder: Holder = nobody) {
    this.#holder = holder;
  }

  /** Returns the entry's number. @param before the one that it follows in its log, or `none` */
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
    // step:5 text:1 counted:1 index:10, the lowest last
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

  /** The entry and all before it are nobody's any more. */
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
