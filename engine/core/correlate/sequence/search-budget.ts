/** Bounds the searches for different events: each by itself, so that a long one costs no other window its answer, and all of one evaluation together. */
import { limits } from '../../limits.ts';
import type { Budget } from '../verdict.ts';

/** What a search found; `bound`: it gave up, so nothing is known; undefined: there is nothing to find. */
export type Searched<Found> = Found | 'bound' | undefined;

/** Runs one window's search. @param all the budget of the evaluation */
export function searchWindow<Found extends object>(all: Budget, search: (own: Budget) => Found | undefined): Searched<Found> {
  const granted = Math.min(limits.searchStepsMax, all.left);
  if (granted <= 0) return 'bound';
  const own: Budget = { left: granted };
  const found = search(own);
  all.left -= granted - own.left;
  return found ?? (own.left < 0 ? 'bound' : undefined);
}
