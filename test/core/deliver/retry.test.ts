import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../engine/core/limits.ts';
import { attemptsMax, circuitPauseMs, readRetryAfter, retryDelayMs } from '../../../engine/core/deliver/retry.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('attempts', () => {
  it('range from seconds into the second day', () => {
    const delays = Array.from({ length: attemptsMax - 1 }, (_, i) => retryDelayMs(i + 1, 0.5));
    expect(delays).toEqual([5000, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour]);
    const total = delays.reduce((sum, delay) => sum + delay, 0);
    expect(total).toBeGreaterThan(24 * hour);
    expect(total).toBeLessThan(limits.webhookAgeMsMax);
  });

  it('are spread by a fifth, and never earlier than Retry-After', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(hour), (made, chance, asked) => {
        const delay = retryDelayMs(made, chance, asked);
        const plain = retryDelayMs(made, 0.5);
        expect(delay).toBeGreaterThanOrEqual(Math.max(asked, Math.floor(plain * 0.8)));
        expect(delay).toBeLessThanOrEqual(Math.max(asked, Math.ceil(plain * 1.2)));
      }),
    );
  });
});

it('a target that keeps failing is paused for growing times, up to a bound', () => {
  const pauses = Array.from({ length: 20 }, (_, failures) => circuitPauseMs(failures));
  expect(pauses.slice(0, limits.webhookFailuresMax)).toEqual(Array<number>(limits.webhookFailuresMax).fill(0));
  expect(pauses[limits.webhookFailuresMax]).toBe(10_000);
  expect(pauses[limits.webhookFailuresMax + 1]).toBe(20_000);
  expect(pauses.at(-1)).toBe(limits.webhookPauseMsMax);
  expect(circuitPauseMs(1e9)).toBe(limits.webhookPauseMsMax);
});

const now = Date.parse('2026-01-01T00:00:00Z');
it.each([
  ['120', 120_000],
  [' 7 ', 7000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
  ['999999', limits.webhookRetryAfterMsMax],
  ['Fri, 01 Jan 2100 00:00:00 GMT', limits.webhookRetryAfterMsMax],
  ['-5', undefined],
  ['1.5', undefined],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After: %s', (text, ms) => {
  expect(readRetryAfter(text, now)).toBe(ms);
});
