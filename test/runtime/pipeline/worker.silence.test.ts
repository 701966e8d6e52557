import { afterEach, expect, it, vi } from 'vitest';
import { silent } from '../../../engine/runtime/metering/meter.ts';
import type { Pipeline } from '../../../engine/runtime/pipeline/pipeline.ts';
import type { EventStreams } from '../../../engine/runtime/decode/ports.ts';
import { worker } from '../../../engine/runtime/pipeline/worker.ts';
import { until } from '../../support/processes.ts';

afterEach(() => vi.useRealTimers());

it('reports how long ago its loop last began a read, so that a stuck worker is visible', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  let answer: (nothing: []) => void = () => undefined;
  let reads = 0;
  const streams = {
    read: () => {
      reads += 1;
      return new Promise((resolve) => (answer = resolve));
    },
    clock: async () => ({ ms: 0, seq: 0 }),
    leave: async () => undefined,
  } as unknown as EventStreams;
  const parts = { streams, pipeline: () => ({}) as Pipeline, meter: silent, now: () => 0, isOutage: () => false, onFault: () => undefined };
  const loop = worker(parts);
  const running = loop.run();
  vi.advanceTimersByTime(45_000);
  expect(loop.silentMs()).toBe(45_000);
  answer([]);
  await until(() => reads === 2);
  expect(loop.silentMs()).toBeLessThan(45_000);
  loop.stop();
  answer([]);
  await running;
});
