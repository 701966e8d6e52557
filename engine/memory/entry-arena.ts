/**
 * The entries of all window logs of one process, in columns: one number names an entry, and `next` chains those of a
 * log. As objects, four of them an entry with its boxed numbers, they made the garbage collector take most of a
 * replay: it looks through all that is alive again and again, and in a replay that is all that the windows hold.
 */
import { doubled } from '../core/columns.ts';
import type { Entry } from '../core/entry.ts';
import type { EventRef } from '../core/event.ts';

/** The end of a chain. */
export const none = -1;

/** Told whose events the entries need: of those whose reference does not carry its event. */
export type Holder = { hold(position: number): void; release(position: number): void };

const nobody: Holder = { hold() {}, release() {} };
const textBit = 1 << 11;
const countedBit = 1 << 10;

export class EntryArena {
  readonly #holder: Holder;
  #size = 0;
  #free = none;
  next = new Int32Array(1024);
  #times = new Float64Array(1024);
  #ids = new Uint8Array(8 * 1024);
  /** step:5 text:1 counted:1 index:10, the lowest last */
  #slots = new Uint32Array(1024);
  #values = new Float64Array(1024);
  #valueBytes = new Uint8Array(this.#values.buffer);
  #arrivals = new Float64Array(1024);
  #positions = new Float64Array(1024);
  #places = new Uint32Array(1024);
  /** References that carry their event; the others are in the columns. */
  readonly #refs: (EventRef | undefined)[] = [];

  constructor(holder: Holder = nobody) {
    this.#holder = holder;
  }

  /** Returns the entry's number; nothing follows it. */
  add(time: number, id: string, step: number, index: number, value: number | string, ref: EventRef, counted = false): number {
    const at = this.#take();
    this.next[at] = none;
    this.#times[at] = time;
    for (let i = 0; i < 8; i++) this.#ids[8 * at + i] = id.charCodeAt(i);
    const text = typeof value === 'string';
    this.#slots[at] = (step << 12) | (text ? textBit : 0) | (counted ? countedBit : 0) | index;
    if (text) for (let i = 0; i < 8; i++) this.#valueBytes[8 * at + i] = value.charCodeAt(i);
    else this.#values[at] = value;
    this.#arrivals[at] = ref.ms;
    this.#positions[at] = ref.seq;
    this.#places[at] = (ref.shard << 16) | ref.index;
    if ('event' in ref) this.#refs[at] = ref;
    else this.#holder.hold(ref.seq);
    return at;
  }

  read(at: number): Entry {
    const slot = this.#slots[at]!;
    return {
      time: this.#times[at]!,
      id: textAt(this.#ids, at),
      step: slot >>> 12,
      index: slot & (countedBit - 1),
      value: (slot & textBit) === 0 ? this.#values[at]! : textAt(this.#valueBytes, at),
      ref: this.#refs[at] ?? {
        shard: this.#places[at]! >>> 16,
        ms: this.#arrivals[at]!,
        seq: this.#positions[at]!,
        index: this.#places[at]! & 0xffff,
      },
      counted: (slot & countedBit) !== 0,
    };
  }

  stepOf(at: number): number {
    return this.#slots[at]! >>> 12;
  }

  arrivalMs(at: number): number {
    return this.#arrivals[at]!;
  }

  /** The entry is nobody's any more. */
  free(at: number): void {
    if (this.#refs[at] === undefined) this.#holder.release(this.#positions[at]!);
    else this.#refs[at] = undefined;
    this.next[at] = this.#free;
    this.#free = at;
  }

  #take(): number {
    const at = this.#free;
    if (at !== none) {
      this.#free = this.next[at]!;
      return at;
    }
    if (this.#size === this.next.length) this.#grow();
    return this.#size++;
  }

  #grow(): void {
    this.next = doubled(this.next);
    this.#times = doubled(this.#times);
    this.#ids = doubled(this.#ids);
    this.#slots = doubled(this.#slots);
    this.#values = doubled(this.#values);
    this.#valueBytes = new Uint8Array(this.#values.buffer);
    this.#arrivals = doubled(this.#arrivals);
    this.#positions = doubled(this.#positions);
    this.#places = doubled(this.#places);
  }
}

const textAt = (bytes: Uint8Array, at: number): string =>
  String.fromCharCode(
    bytes[8 * at]!,
    bytes[8 * at + 1]!,
    bytes[8 * at + 2]!,
    bytes[8 * at + 3]!,
    bytes[8 * at + 4]!,
    bytes[8 * at + 5]!,
    bytes[8 * at + 6]!,
    bytes[8 * at + 7]!,
  );
