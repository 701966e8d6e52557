/**
 * When a failed delivery is tried again. The first failures are mostly restarts and pass in seconds; what lasts longer
 * is an outage that somebody has to mend, for which the last attempts reach into the second day:
 *
 *     0 · 5 s · 5 m · 30 m · 2 h · 5 h · 10 h · 14 h        each after the failure of the one before
 *
 * A target that keeps failing, whatever the delivery, is paused as a whole, ever longer: its circuit is open. One
 * delivery then goes out as a probe; the first success closes it.
 */
import { limits } from '../limits.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const delaysMs: readonly number[] = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour];

export const attemptsMax = delaysMs.length + 1;

/**
 * Until the next attempt, ms.
 * @param made attempts so far, at least 1
 * @param chance from 0 to 1: up to a fifth earlier or later, so that what failed together does not come back together
 * @param retryAfterMs what the target asked for
 */
export function retryDelayMs(made: number, chance: number, retryAfterMs = 0): number {
  const delay = delaysMs[Math.min(made, delaysMs.length) - 1] ?? delaysMs[0]!;
  return Math.round(Math.max(delay * (0.8 + 0.4 * chance), retryAfterMs));
}

/** How long a target is left alone after so many failures in a row; 0: not at all. */
export function circuitPauseMs(failures: number): number {
  const over = failures - limits.webhookFailuresMax;
  return over < 0 ? 0 : Math.min(10 * second * 2 ** Math.min(over, 20), limits.webhookPauseMsMax);
}

/** `Retry-After` in ms, within its bound: seconds or an HTTP date; undefined for anything else. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  // A date has letters: the parser would also take bare numbers for years.
  const asked = /^\d{1,10}$/.test(text) ? Number(text) * second : /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) - nowMs : NaN;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(0, asked), limits.webhookRetryAfterMsMax);
}
