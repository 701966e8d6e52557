/**
 * Different events for each step: a bipartite matching with counts, found by augmenting paths.
 *
 * A demand needs `need` events out of a span. If all of its events are taken, it asks each holder to take another event
 * instead, and the holder asks other holders in turn: a breadth-first search over the few demands, not over the many
 * events. An event that was taken stays taken, by one demand or another, so each demand continues to look for free ones
 * where it found the last. Late events are preferred. Demands with too few different events together need no search.
 */
import type { Entry } from '../entry.ts';
import type { Budget, Span } from '../verdict.ts';

export type Demand = Span & { readonly need: number };

/** Entries that meet all demands without using an event twice; undefined: impossible, or the budget ran out. */
export function assign(demands: readonly Demand[], budget: Budget): readonly Entry[] | undefined {
  if (!areEnough(demands, budget)) return undefined;
  const taken: Taken = { holders: new Map(), chosen: demands.map(() => new Map()), freeUpTo: demands.map(({ to }) => to) };
  for (let demand = 0; demand < demands.length; demand++) {
    for (let got = 0; got < demands[demand]!.need; got++) {
      if (!augment(demands, demand, taken, budget)) return undefined;
    }
  }
  return taken.chosen.flatMap((entries) => [...entries.values()]);
}

/** True when the demands hold as many different events together as they need. */
function areEnough(demands: readonly Demand[], budget: Budget): boolean {
  const needed = demands.reduce((sum, { need }) => sum + need, 0);
  const events = new Set<string>();
  for (const { of, from, to } of demands) {
    for (let i = to - 1; i >= from && events.size < needed; i--) {
      if (--budget.left < 0) return false;
      events.add(of[i]!.id);
    }
  }
  return events.size >= needed;
}

type Taken = {
  /** Event id → the demand that holds it. */
  readonly holders: Map<string, number>;
  readonly chosen: readonly Map<string, Entry>[];
  /** Per demand, the index from which on no event of its span is free. */
  readonly freeUpTo: number[];
};

/** How the search reached a demand: `asking` needs the event of this entry, which the demand holds. */
type Way = { readonly asking: number; readonly entry: Entry };

/** Gives the demand one more event, by moving others if necessary. */
function augment(demands: readonly Demand[], start: number, taken: Taken, budget: Budget): boolean {
  const ways = new Map<number, Way | undefined>([[start, undefined]]);
  for (const demand of ways.keys()) {
    const free = latestFree(demands[demand]!, demand, taken, budget);
    if (free !== undefined) {
      move(demand, free, ways, taken);
      return true;
    }
    if (budget.left < 0) return false;
    const { of, from, to } = demands[demand]!;
    for (let i = to - 1; i >= from && ways.size < demands.length; i--) {
      if (--budget.left < 0) return false;
      const entry = of[i]!;
      const holder = taken.holders.get(entry.id)!;
      if (!ways.has(holder)) ways.set(holder, { asking: demand, entry });
    }
  }
  return false;
}

function latestFree({ of, from }: Demand, demand: number, { holders, freeUpTo }: Taken, budget: Budget): Entry | undefined {
  for (let i = freeUpTo[demand]! - 1; i >= from; i--) {
    if (--budget.left < 0) return undefined;
    freeUpTo[demand] = i;
    if (!holders.has(of[i]!.id)) return of[i]!;
  }
  return undefined;
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
