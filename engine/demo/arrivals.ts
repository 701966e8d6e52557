/**
 * From what happened to what arrives: a little delay for everything, two in a hundred late, one in two hundred sent again.
 * Whatever arrives does so within the lateness, so that an engine told of it owes an exact answer.
 */
import type { Dice } from './dice.ts';
import { minute, type Planned } from './planned.ts';

export type Arriving = {
  /** When it reaches the engine, on the clock of the event times. */
  readonly arrives: number;
  /** Orders arrivals of one time. */
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
