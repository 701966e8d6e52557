/** The ticker reviews at each tick, and sooner when a review is expected about now. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Pipeline } from '../../../engine/runtime/pipeline/pipeline.ts';
import { limits } from '../../../engine/core/limits.ts';
import { ticker, type TickerDeps } from '../../../engine/runtime/pipeline/ticker.ts';

const hourMs = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ now: 10_000 }));
afterEach(() => void vi.useRealTimers());

/** A ticker that has made its first tick; the next is an hour away. `given` overrides its dependencies. */
async function started(given: Partial<TickerDeps> = {}) {
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
    notifyClosings: nothing,
    isOutage: () => false,
    onFault: (_, fault) => {
      throw fault;
    },
    tickMs: hourMs,
    ...given,
  };
  const ticks = ticker(deps);
  const running = ticks.run();
  await vi.advanceTimersByTimeAsync(1);
  expect(looks).toBe(1);
  return { ticks, running, looks: () => looks };
}

it('does not wait for the next tick when a review is due about now, and keeps looking for a while', async () => {
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

it('leaves a review that is due later to the regular ticks', async () => {
  const { ticks, running, looks } = await started();
  ticks.expect(10_000 + hourMs + 2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(looks()).toBe(1);
  ticks.stop();
  await vi.advanceTimersByTimeAsync(1);
  await running;
  expect(looks()).toBe(1);
});

it('trims, compacts, notifies of closed alerts and removes dead workers, each at its own interval', async () => {
  const done: string[] = [];
  let scarce = false;
  const note = async (what: string): Promise<number> => done.push(what);
  const { ticks, running } = await started({
    streams: {
      clock: async () => ({ ms: 1, seq: 0 }),
      trim: (retentionMs) => note(`trim ${retentionMs}`),
      sweepConsumers: () => note('sweep'),
    },
    retentionMs: 5000,
    scarce: async () => scarce,
    compact: () => note('compact'),
    notifyClosings: () => note('notify'),
    tickMs: 10,
    trimMs: 100,
    sweepMs: 1000,
  });
  expect(done.splice(0)).toEqual(['trim 5000', 'compact', 'notify', 'sweep']);
  scarce = true;
  await vi.advanceTimersByTimeAsync(120);
  expect(done.splice(0)).toEqual(['trim 0', 'compact', 'notify']);
  await vi.advanceTimersByTimeAsync(1000);
  expect(done.filter((what) => what === 'sweep')).toHaveLength(1);
  ticks.stop();
  await vi.advanceTimersByTimeAsync(1);
  await running;
});

it('continues with the other tasks when one fails', async () => {
  const done: string[] = [];
  const faults: string[] = [];
  const { ticks, running } = await started({
    compact: async () => {
      throw new Error('broken');
    },
    notifyClosings: async () => done.push('notify'),
    onFault: (what) => void faults.push(what),
  });
  expect([faults, done]).toEqual([['compact'], ['notify']]);
  ticks.stop();
  await vi.advanceTimersByTimeAsync(1);
  await running;
});

it('trims and compacts although there are always further reviews', async () => {
  const done: string[] = [];
  const pipeline = { review: async () => (vi.advanceTimersByTime(50), limits.reviewsMax) } as unknown as Pipeline;
  const nothing = async (): Promise<number> => 0;
  const ticks = ticker({
    streams: { clock: async () => ({ ms: 1, seq: 0 }), trim: async () => done.push('trim'), sweepConsumers: nothing },
    pipeline: () => pipeline,
    now: Date.now,
    retentionMs: 1,
    scarce: async () => false,
    compact: async () => done.push('compact'),
    notifyClosings: nothing,
    isOutage: () => false,
    onFault: () => undefined,
  });
  const running = ticks.run();
  await vi.advanceTimersByTimeAsync(3000);
  expect(done.slice(0, 4)).toEqual(['trim', 'compact', 'trim', 'compact']);
  ticks.stop();
  await vi.advanceTimersByTimeAsync(1000);
  await running;
});
