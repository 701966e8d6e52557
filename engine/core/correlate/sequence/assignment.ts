/**
 * Different events for each step: a bipartite matching with counts, found by augmenting paths.
 *
 * A demand needs `need` events out of a span. If all of its events are taken, it asks each holder to take another event
 * instead, and the holder asks other holders in turn: a breadth-first search over the few demands, not over the many
 * events. Late events are preferred.
 */
import type { Entry } from '../entry.ts';
import type { Budget, Span } from '../verdict.ts';

export type Demand = Span & { readonly need: number };

/** Entries that meet all demands without using an event twice; undefined: impossible, or the budget ran out. */
export function assign(demands: readonly Demand[], budget: Budget): readonly Entry[] | undefined {
  const taken: Taken = { holders: new Map(), chosen: demands.map(() => new Map()) };
  for (let demand = 0; demand < demands.length; demand++) {
    for (let got = 0; got < demands[demand]!.need; got++) {
      if (!augment(demands, demand, taken, budget)) return undefined;
    }
  }
  return taken.chosen.flatMap((entries) => [...entries.values()]);
}

type Taken = {
  /** Event id → the demand that holds it. */
  readonly holders: Map<string, number>;
  readonly chosen: readonly Map<string, Entry>[];
};

/** How the search reached a demand: `asking` needs the event of this entry, which the demand holds. */
type Way = { readonly asking: number; readonly entry: Entry };

/** Gives the demand one more event, by moving others if necessary. */
function augment(demands: readonly Demand[], start: number, taken: Taken, budget: Budget): boolean {
  const ways = new Map<number, Way | undefined>([[start, undefined]]);
  for (const demand of ways.keys()) {
    const { of, from, to } = demands[demand]!;
    for (let i = to - 1; i >= from; i--) {
      if (--budget.left < 0) return false;
      const entry = of[i]!;
      const holder = taken.holders.get(entry.id);
      if (holder === undefined) {
        move(demand, entry, ways, taken);
        return true;
      }
      if (!ways.has(holder)) ways.set(holder, { asking: demand, entry });
    }
  }
  return false;
}

/** Takes the free event, and passes on the event for which each demand on the path was asked. */
function move(demand: number, entry: Entry, ways: ReadonlyMap<number, Way | undefined>, { holders, chosen }: Taken): void {
  let taker = demand;
  let given = entry;
  for (;;) {
    chosen[taker]!.set(given.id, given);
    holders.set(given.id, taker);
    const way = ways.get(taker);
    if (way === undefined) return;
    chosen[taker]!.delete(way.entry.id);
    taker = way.asking;
    given = way.entry;
  }
}
