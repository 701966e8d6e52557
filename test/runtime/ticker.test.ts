/** When the ticker looks: at each tick, and without waiting for it where a review is expected about now. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Pipeline } from '../../engine/runtime/pipeline.ts';
import { ticker, type TickerDeps } from '../../engine/runtime/ticker.ts';

const hourMs = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ now: 10_000 }));
afterEach(() => void vi.useRealTimers());

/** A ticker whose next tick is an hour away, after its first look. */
async function started() {
  let looks = 0;
  const pipeline = { review: async () => (looks++, 0) } as unknown as Pipeline;
  const nothing = async (): Promise<number> => 0;
  const deps: TickerDeps = {
    streams: { clock: async () => ({ ms: 1, seq: 0 }), trim: nothing, sweepConsumers: nothing },
    pipeline: () => pipeline,
    now: Date.now,
    retentionMs: 1,
    scarce: async () => false,
    compact: nothing,
    tellClosings: nothing,
    isOutage: () => false,
    onFault: (_, fault) => {
      throw fault;
    },
    tickMs: hourMs,
  };
  const ticks = ticker(deps);
  const running = ticks.run();
  await vi.advanceTimersByTimeAsync(1);
  expect(looks).toBe(1);
  return { ticks, running, looks: () => looks };
}

it('looks at a review that is due about now without waiting for the next tick, and goes on looking for a while', async () => {
  const { ticks, running, looks } = await started();
  ticks.expect(9_000);
  await vi.advanceTimersByTimeAsync(12);
  expect(looks()).toBe(2);
  await vi.advanceTimersByTimeAsync(20);
  expect(looks()).toBeGreaterThan(2);
  ticks.stop();
  await vi.advanceTimersByTimeAsync(1);
  await running;
});

it('leaves a review that is due later to the ticks', async () => {
  const { ticks, running, looks } = await started();
  ticks.expect(10_000 + hourMs + 2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(looks()).toBe(1);
  ticks.stop();
  await vi.advanceTimersByTimeAsync(1);
  await running;
  expect(looks()).toBe(1);
});
