/** The worker's loop on fake streams: what it does when something fails, one kind of failure per test. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Located } from '../../../engine/core/event.ts';
import { limits } from '../../../engine/core/limits.ts';
import { silent } from '../../../engine/runtime/metering/meter.ts';
import type { Pipeline } from '../../../engine/runtime/pipeline/pipeline.ts';
import type { DeadLetter, Delivery, EventStreams, Settlement } from '../../../engine/runtime/decode/ports.ts';
import { worker } from '../../../engine/runtime/pipeline/worker.ts';
import { until } from '../../support/processes.ts';

function delivery(seq: number, ids: readonly string[], deliveries = 1): Delivery {
  const located = ids.map((id, index): Located => ({
    event: { id, time: 1, dataset: 'd', raw: { id }, mapped: undefined, tags: [] },
    ref: { shard: 0, ms: 1, seq, index },
  }));
  return { shard: 0, ms: 1, seq, deliveries, events: ids.length, decode: () => [{ located, undecodable: [] }] };
}

class Outage extends Error {}

type Bench = {
  readonly processed: string[];
  readonly settled: { seq: number; dead: readonly DeadLetter[] }[];
  readonly faults: string[];
  readonly tries: Map<string, number>;
  readonly left: () => boolean;
  run(entries: readonly (readonly Delivery[])[], finished: number): Promise<void>;
};

/** @param process throws what the pipeline would throw   @param port throws what the streams would throw, by the name of the call */
function bench(process: (ids: readonly string[]) => void | Promise<void>, port: (verb: string) => void = () => undefined): Bench {
  const processed: string[] = [];
  const settled: Bench['settled'] = [];
  const faults: string[] = [];
  const tries = new Map<string, number>();
  let left = false;
  let queue: (readonly Delivery[])[] = [];
  const streams: EventStreams = {
    async read() {
      port('read');
      await sleep(1);
      return [...(queue.shift() ?? [])];
    },
    claim: async () => [],
    touch: async (held) => held.forEach(({ seq }) => port(`touch ${seq}`)),
    async tryAlone({ seq }, index) {
      const key = `${seq}:${index}`;
      tries.set(key, (tries.get(key) ?? 0) + 1);
      return tries.get(key)!;
    },
    survived: async ({ seq }, index) => void tries.delete(`${seq}:${index}`),
    async settle(settlements: readonly Settlement[]) {
      for (const { delivery: one } of settlements) port(`settle ${one.seq}`);
      for (const { delivery: one, deadLetters } of settlements) settled.push({ seq: one.seq, dead: deadLetters });
    },
    clock: async () => ({ ms: 1, seq: 0 }),
    trim: async () => 0,
    sweepConsumers: async () => 0,
    leave: async () => void (left = true),
  };
  const pipeline = {
    async process(packs: Iterable<readonly Located[]>) {
      const ids = [...packs].flat().map(({ event }) => event.id);
      await process(ids);
      processed.push(...ids);
    },
  } as unknown as Pipeline;
  const isOutage = (fault: unknown): boolean => fault instanceof Outage;
  const onFault = (what: string): void => void faults.push(what);
  const loop = worker({ streams, pipeline: () => pipeline, meter: silent, now: () => 0, isOutage, onFault, claimIdleMs: 30 });
  return {
    processed,
    settled,
    faults,
    tries,
    left: () => left,
    async run(entries, finished) {
      queue = [...entries];
      const running = loop.run();
      await until(() => settled.length >= finished);
      loop.stop();
      await running;
    },
  };
}

const dead = ({ settled }: Bench): string[] => settled.flatMap((one) => one.dead.map(({ cause, body }) => `${body} ${cause}`));

describe('a batch', () => {
  it('is handled and settled, and the worker leaves the group when it is stopped', async () => {
    const test = bench(() => undefined);
    await test.run([[delivery(1, ['a', 'b']), delivery(2, ['c'])], [delivery(3, ['d'])]], 3);
    expect(test.processed).toEqual(['a', 'b', 'c', 'd']);
    expect(test.settled.map(({ seq }) => seq).sort()).toEqual([1, 2, 3]);
    expect([test.left(), test.faults, dead(test)]).toEqual([true, [], []]);
  });

  it('has its claim renewed for as long as it is being handled', async () => {
    const twice = Promise.withResolvers<void>();
    const touches: string[] = [];
    const test = bench(
      () => twice.promise,
      (verb) => {
        if (verb.startsWith('touch') && touches.push(verb) === 4) twice.resolve();
      },
    );
    await test.run([[delivery(1, ['a']), delivery(2, ['b'])]], 2);
    expect(touches.slice(0, 4)).toEqual(['touch 1', 'touch 2', 'touch 1', 'touch 2']);
    expect(test.processed).toEqual(['a', 'b']);
  });

  it('waits for Redis for as long as it is away, and gives nothing up', async () => {
    let outages = 3;
    const away = (): void => {
      if (outages-- > 0) throw new Outage('away');
    };
    const test = bench(away, away);
    await test.run([[delivery(1, ['a'])]], 1);
    expect([test.processed, dead(test), test.faults]).toEqual([['a'], [], []]);
  });

  it('is split when it fails, into entries and then into events, and only an event that fails alone is given up', async () => {
    const test = bench((ids) => {
      if (ids.includes('bad')) throw new Error('why');
    });
    await test.run([[delivery(1, ['a', 'b']), delivery(2, ['c', 'bad', 'd'])]], 2);
    expect(test.processed.sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(dead(test)).toEqual(['{"id":"bad"} why']);
  });

  it('gives an event that failed alone a second try, and only then gives it up', async () => {
    const attempts = new Map<string, number>();
    const test = bench((ids) => {
      if (ids.length > 1) throw new Error('one of them');
      const [id] = ids;
      attempts.set(id!, (attempts.get(id!) ?? 0) + 1);
      if (id === 'bad' || (id === 'unlucky' && attempts.get(id) === 1)) throw new Error('why');
    });
    await test.run([[delivery(1, ['a', 'unlucky', 'bad'])]], 1);
    expect(Object.fromEntries(attempts)).toEqual({ a: 1, unlucky: 2, bad: 2 });
    expect(test.processed.sort()).toEqual(['a', 'unlucky']);
    expect(dead(test)).toEqual(['{"id":"bad"} why']);
    expect([...test.tries.keys()]).toEqual(['1:2']);
  });

  it('is handled event by event from the start when its entry has been delivered too often', async () => {
    const seen: number[] = [];
    const test = bench((ids) => void seen.push(ids.length));
    await test.run([[delivery(1, ['a', 'b', 'c'], limits.deliveriesMax + 1), delivery(2, ['d', 'e'])]], 2);
    expect(seen.sort()).toEqual([1, 1, 1, 2]);
    expect([dead(test), test.tries.size]).toEqual([[], 0]);
  });

  it('gives up an event that was tried too often, and keeps its tries until the entry is settled', async () => {
    const test = bench(() => undefined);
    test.tries.set('1:1', limits.aloneTriesMax);
    await test.run([[delivery(1, ['a', 'killer', 'b'], limits.deliveriesMax + 1)]], 1);
    expect(test.processed).toEqual(['a', 'b']);
    expect(dead(test)).toEqual(['{"id":"killer"} its workers died each time it was handled alone']);
    expect([...test.tries.keys()]).toEqual(['1:1']);
  });

  it('is left to be claimed when it cannot be settled, and the worker continues', async () => {
    const test = bench(
      () => undefined,
      (verb) => {
        if (verb === 'settle 1') throw new Error('not of the right type');
      },
    );
    await test.run([[delivery(1, ['a'])], [delivery(2, ['b'])]], 1);
    expect(test.settled.map(({ seq }) => seq)).toEqual([2]);
    expect(test.faults).toContain('entries could not be settled; they are claimed and handled again');
  });
});
