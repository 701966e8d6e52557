/**
 * When a failed delivery is retried. Most failures are restarts, which take seconds; anything longer is an outage that
 * somebody has to fix, so the last attempts reach into the second day:
 *
 *     0 · 5 s · 5 m · 30 m · 2 h · 5 h · 10 h · 14 h        each after the failure of the previous one
 *
 * A target that keeps failing, whatever the delivery, is paused as a whole for growing times: its circuit is open. After
 * a pause one delivery is sent as a probe; the first success closes the circuit.
 */
import { limits } from '../limits.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

const delaysMs: readonly number[] = [5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour];

export const attemptsMax = delaysMs.length + 1;

/**
 * The delay before the next attempt, ms.
 * @param made attempts so far, at least 1
 * @param chance from 0 to 1: up to a fifth earlier or later, so that deliveries that failed together are not retried together
 * @param retryAfterMs the Retry-After of the target
 */
export function retryDelayMs(made: number, chance: number, retryAfterMs = 0): number {
  const delay = delaysMs[Math.min(made, delaysMs.length) - 1] ?? delaysMs[0]!;
  return Math.round(Math.max(delay * (0.8 + 0.4 * chance), retryAfterMs));
}

/** How long a target is paused after that many failures in a row, ms; 0: not at all. */
export function circuitPauseMs(failures: number): number {
  const over = failures - limits.webhookFailuresMax;
  return over < 0 ? 0 : Math.min(10 * second * 2 ** Math.min(over, 20), limits.webhookPauseMsMax);
}

/** Reads `Retry-After` (seconds or an HTTP date) as ms, capped; undefined for anything else. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  // A date has letters: Date.parse would also read bare numbers, as years.
  const asked = /^\d{1,10}$/.test(text) ? Number(text) * second : /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) - nowMs : NaN;
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(0, asked), limits.webhookRetryAfterMsMax);
}
