/**
 * A View reads one event for all rules at once. Fields are interned into slots when a rule set is compiled; the
 * first rule that asks for a field pays the look-up, the others read the cached value.
 *
 *     const view = new View(table);  view.load(event);  view.at(slot)
 *
 * One View is reused for event after event: nothing is allocated per event, and a stale slot is told by its turn.
 */
import type { Event } from './event.ts';
import { lookup, type FieldPath } from './fields.ts';

/** What a View reads before the first event. Never seen by a rule. */
const nothing: Event = { id: '-', time: 0, dataset: '', raw: {}, mapped: undefined, tags: [] };

export class View {
  readonly #paths: readonly FieldPath[];
  readonly #values: unknown[];
  readonly #turns: Uint32Array;
  #turn = 0;
  #event: Event = nothing;

  /** @param paths the rule set's field table: the index is the slot. */
  constructor(paths: readonly FieldPath[]) {
    this.#paths = paths;
    this.#values = paths.map(() => undefined);
    this.#turns = new Uint32Array(paths.length);
  }

  get event(): Event {
    return this.#event;
  }

  /** Turns the view to another event. */
  load(event: Event): this {
    this.#event = event;
    this.#turn = (this.#turn + 1) >>> 0;
    if (this.#turn === 0) {
      this.#turns.fill(0);
      this.#turn = 1;
    }
    return this;
  }

  /** The value of the field in that slot; undefined when the event lacks it. */
  at(slot: number): unknown {
    if (this.#turns[slot] === this.#turn) return this.#values[slot];
    const value = lookup(this.#event, this.#paths[slot]!);
    this.#turns[slot] = this.#turn;
    this.#values[slot] = value;
    return value;
  }
}
