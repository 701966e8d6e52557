/**
 * A View reads one event for all rules. Fields are interned into slots when a rule set is compiled; the first rule that
 * reads a field pays for the look-up, and the others read the cached value. The same holds for predicates that several
 * rules share: the first rule to ask pays for the evaluation.
 *
 *     const view = new View(table);  view.load(event);  view.at(slot)
 *
 * One View is reused for all events: nothing is allocated per event, and a slot's turn number shows whether it is stale.
 */
import type { Event } from '../event.ts';
import { lookup, walk, type FieldPath } from './fields.ts';

/** What a slot reads: a field or, where a condition has a `path`, a value inside the field's value. */
export type ViewPath = FieldPath & { readonly inside?: readonly string[] };

/** How a field is found in an event: as rules see it (fields.ts) or, for dataset mappings, in the plain object. */
export type Lookup = (event: Event, field: FieldPath) => unknown;

/** The event of a View before the first load. No rule ever sees it. */
const nothing: Event = { id: '-', time: 0, dataset: '', raw: {}, mapped: undefined, tags: [] };

export class View {
  readonly #paths: readonly ViewPath[];
  readonly #lookup: Lookup;
  readonly #values: unknown[];
  readonly #turns: Uint32Array;
  readonly #held: Uint8Array;
  readonly #heldTurns: Uint32Array;
  #turn = 0;
  #event: Event = nothing;

  /**
   * @param paths the rule set's field table: the index is the slot
   * @param shared the number of shared predicates, which are numbered from 0
   */
  constructor(paths: readonly ViewPath[], shared = 0, find: Lookup = lookup) {
    this.#paths = paths;
    this.#lookup = find;
    this.#values = paths.map(() => undefined);
    this.#turns = new Uint32Array(paths.length);
    this.#held = new Uint8Array(shared);
    this.#heldTurns = new Uint32Array(shared);
  }

  get event(): Event {
    return this.#event;
  }

  /** Moves on to another event. */
  load(event: Event): this {
    this.#event = event;
    this.#turn = (this.#turn + 1) >>> 0;
    if (this.#turn === 0) {
      this.#turns.fill(0);
      this.#heldTurns.fill(0);
      this.#turn = 1;
    }
    return this;
  }

  /** The value of the field in that slot; undefined when the event lacks it. */
  at(slot: number): unknown {
    if (this.#turns[slot] === this.#turn) return this.#values[slot];
    const path = this.#paths[slot]!;
    let value = this.#lookup(this.#event, path);
    // As in json-rules-engine: a path into a value that is not an object gives the value itself.
    if (path.inside !== undefined && typeof value === 'object' && value !== null) value = walk(value, path.inside);
    this.#turns[slot] = this.#turn;
    this.#values[slot] = value;
    return value;
  }

  /** Whether the shared predicate with that number holds for the event. Evaluated at most once per event. */
  once(shared: number, predicate: (view: View) => boolean): boolean {
    if (this.#heldTurns[shared] === this.#turn) return this.#held[shared] === 1;
    const held = predicate(this);
    this.#heldTurns[shared] = this.#turn;
    this.#held[shared] = held ? 1 : 0;
    return held;
  }
}
