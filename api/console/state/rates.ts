/** Rates from two readings of monotonic counters. */
import type { Overview } from './types.ts';

/** Events per second; undefined if these two readings do not give a rate. */
export function eventsPerSecond(before: Overview | undefined, now: Overview): number | undefined {
  if (before === undefined) return undefined;
  const seconds = (Date.parse(now.at) - Date.parse(before.at)) / 1000;
  const more = now.events.accepted - before.events.accepted;
  // Fewer than before: Redis has been reset.
  return seconds < 0.5 || more < 0 ? undefined : more / seconds;
}

export const queued = ({ siem }: Overview): number => Object.values(siem.depth).reduce((sum, n) => sum + n, 0);
