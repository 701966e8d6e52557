import { expect, it } from 'vitest';
import type { Located } from '../../../engine/core/event.ts';
import { silent } from '../../../engine/runtime/metering/meter.ts';
import type { Pipeline } from '../../../engine/runtime/pipeline/pipeline.ts';
import type { Delivery, EventStreams } from '../../../engine/runtime/decode/ports.ts';
import { worker } from '../../../engine/runtime/pipeline/worker.ts';

const located = (ms: number): Located => ({
  event: { id: `e${ms}`, time: ms, dataset: 'd', raw: {}, mapped: undefined, tags: [] },
  ref: { shard: 0, ms, seq: 0, index: 0 },
});
const delivery = (ms: number): Delivery => ({
  shard: 0,
  ms,
  seq: 0,
  deliveries: 1,
  events: 1,
  decode: () => [{ located: [located(ms)], undecodable: [] }],
});

const nothing = async (): Promise<never[]> => [];

/** Streams of which only read() and clock() matter. */
const streamsOf = (some: Pick<EventStreams, 'read' | 'clock'>): EventStreams =>
  ({
    claim: nothing,
    touch: async () => undefined,
    settle: async () => undefined,
    leave: async () => undefined,
    ...some,
  }) as unknown as EventStreams;

it('handles batches in the order in which they were read, even when the arrival clock answers slowly', async () => {
  const handled: string[] = [];
  const batches = [1, 2, 3, 4].map((ms) => [delivery(ms)]);
  let asked = 0;
  const streams = streamsOf({
    read: async () => {
      const next = batches.shift();
      if (next === undefined) loop.stop();
      return next ?? [];
    },
    clock: async () => {
      asked += 1;
      for (let turn = 0; turn < 50; turn++) await nothing();
      return { ms: 0, seq: 0 };
    },
  });
  const pipeline = {
    process: async (packs: Iterable<readonly Located[]>) => void handled.push(...[...packs].flat().map(({ event }) => event.id)),
  } as unknown as Pipeline;
  const onFault = (what: string, fault: unknown): never => {
    throw new Error(what, { cause: fault });
  };
  const loop = worker({ streams, pipeline: () => pipeline, meter: silent, now: () => 0, isOutage: () => false, onFault });
  await loop.run();
  expect(handled).toEqual(['e1', 'e2', 'e3', 'e4']);
  expect(asked).toBeGreaterThan(0);
});

it('continues with the last known clock when the arrival clock cannot be read', async () => {
  const clocks: number[] = [];
  const batches = [[delivery(1)]];
  const streams = streamsOf({
    read: async () => {
      const next = batches.shift();
      if (next === undefined) loop.stop();
      return next ?? [];
    },
    clock: () => Promise.reject(new Error('away')),
  });
  const pipeline = {
    process: async (_: unknown, { clock }: { clock: { ms: number } }) => void clocks.push(clock.ms),
  } as unknown as Pipeline;
  const loop = worker({ streams, pipeline: () => pipeline, meter: silent, now: () => 0, isOutage: () => true, onFault: () => undefined });
  await loop.run();
  expect(clocks).toEqual([0]);
});

it('reads and begins further batches while one is being handled, up to a bound', async () => {
  const held: PromiseWithResolvers<void>[] = [];
  let read = 0;
  const streams = streamsOf({
    read: async () => {
      if (read === 100) loop.stop();
      return read === 100 ? [] : [delivery(++read)];
    },
    clock: async () => ({ ms: 0, seq: 0 }),
  });
  const pipeline = {
    process: () => {
      const one = Promise.withResolvers<void>();
      held.push(one);
      return one.promise;
    },
  } as unknown as Pipeline;
  const onFault = (what: string, fault: unknown): never => {
    throw new Error(what, { cause: fault });
  };
  const loop = worker({ streams, pipeline: () => pipeline, meter: silent, now: () => 0, isOutage: () => false, onFault });
  const running = loop.run();
  for (let begun = 0; read < 100 || begun < 100; begun++) {
    // Enough turns for everything that does not wait for a batch.
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    const underWay = held.length - begun;
    expect(underWay).toBe(Math.min(6, 100 - begun));
    expect(read).toBe(Math.min(100, held.length + 1));
    held[begun]!.resolve();
  }
  await running;
  expect(held).toHaveLength(100);
});
