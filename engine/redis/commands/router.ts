/**
 * Maps keys to connections. A single Redis owns all keys; in a cluster each node owns some of the slots. Only this file
 * and the code that creates a router know the difference.
 */
import type { Redis } from '../connection.ts';
import type { Call } from './call.ts';
import { routingKey } from './call.ts';
import { slotOf } from './slot.ts';

export type Router = {
  /** The connection to the node that owns the slot. */
  ownerOf(slot: number): Redis;
  /** One connection to each node, always in the same order. */
  nodes(): readonly Redis[];
};

export function singleRouter(redis: Redis): Router {
  const nodes = [redis];
  return { ownerOf: () => redis, nodes: () => nodes };
}

/** For each node, the positions of its calls in `calls`, ascending. */
export function byOwner(router: Router, calls: readonly Call[]): Map<Redis, number[]> {
  const groups = new Map<Redis, number[]>();
  for (const [position, call] of calls.entries()) {
    const owner = router.ownerOf(slotOf(routingKey(call)));
    const group = groups.get(owner);
    if (group === undefined) groups.set(owner, [position]);
    else group.push(position);
  }
  return groups;
}
