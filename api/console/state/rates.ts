/** Rates out of two readings of counters that only rise. */
import type { Overview } from './types.ts';

/** Events per second; undefined: not to be told from these two. */
export function eventsPerSecond(before: Overview | undefined, now: Overview): number | undefined {
  if (before === undefined) return undefined;
  const seconds = (Date.parse(now.at) - Date.parse(before.at)) / 1000;
  const more = now.events.accepted - before.events.accepted;
  // Fewer than before: Redis began anew.
  return seconds < 0.5 || more < 0 ? undefined : more / seconds;
}

export const queued = ({ siem }: Overview): number => Object.values(siem.depth).reduce((sum, n) => sum + n, 0);
