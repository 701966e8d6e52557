/**
 * Turns planned events into arrivals: every event is delayed a little, 2 % are late, 0.5 % are sent twice. All arrive within
 * the lateness, so an engine with that lateness must give an exact answer.
 */
import type { Dice } from './dice.ts';
import { minute, type Planned } from './planned.ts';

export type Arriving = {
  /** When it reaches the engine, on the clock of the event times, epoch ms. */
  readonly arrives: number;
  /** Orders arrivals with the same time. */
  readonly order: number;
  readonly planned: Planned;
};

const lateShare = 0.02;
const againShare = 0.005;
const usualDelayMs = 300;

/** @returns one arrival, or two of the same event */
export function arrivals(planned: Planned, dice: Dice, latenessMs: number, next: () => number): Arriving[] {
  const soon = Math.min(dice.wait(usualDelayMs), latenessMs);
  const first = planned.at + (dice.chance(lateShare) ? dice.int(0, latenessMs) : soon);
  const found: Arriving[] = [{ arrives: first, order: next(), planned }];
  if (dice.chance(againShare)) {
    const again = Math.min(first + dice.wait(minute), planned.at + latenessMs);
    found.push({ arrives: Math.max(first, again), order: next(), planned });
  }
  return found;
}
