import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { throttle } from '../../../engine/runtime/access/throttle.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('runs at once after a pause, then at most once per interval, and once more for requests in between', async () => {
  const runs: number[] = [];
  const throttled = throttle(async () => void runs.push(Date.now()), 100);
  const begin = Date.now();
  await vi.advanceTimersByTimeAsync(500);
  expect(runs).toEqual([]);
  throttled.wake();
  await vi.advanceTimersByTimeAsync(1);
  for (let i = 0; i < 250; i++) {
    throttled.wake();
    await vi.advanceTimersByTimeAsync(1);
  }
  await vi.advanceTimersByTimeAsync(1000);
  const times = runs.map((at) => at - begin);
  expect(times[0]).toBe(500);
  expect(times).toHaveLength(4);
  for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(100);
});

it('never runs twice at once, and does not run after it was stopped', async () => {
  let under = 0;
  let most = 0;
  let runs = 0;
  const throttled = throttle(async () => {
    most = Math.max(most, ++under);
    runs += 1;
    await new Promise((resolve) => setTimeout(resolve, 300));
    under -= 1;
  }, 10);
  for (let i = 0; i < 100; i++) {
    throttled.wake();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(most).toBe(1);
  expect(runs).toBeGreaterThan(2);
  throttled.stop();
  const before = runs;
  throttled.wake();
  await vi.advanceTimersByTimeAsync(2000);
  expect(runs).toBe(before);
});
