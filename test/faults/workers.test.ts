/**
 * Many workers, no faults: 1, 2 and 4, in one process and in several, on events that arrive out of order and twice. The
 * alerts are those of a replay of the file in order, and nothing is lost or duplicated.
 */
import { describe, expect, it } from 'vitest';
import { startEngine } from '../support/engine.ts';
import { expectSame } from '../support/verdict.ts';
import { rules, workload } from '../support/workload.ts';

describe('the same alerts as replay', () => {
  const ways = [
    ['one worker', [1]],
    ['four workers of one process', [4]],
    ['two processes, one with two workers', [1, 2]],
    ['four processes', [1, 1, 1, 1]],
  ] as const;
  ways.forEach(([name, processes], nth) =>
    it(`from ${name}`, async () => {
      await using engine = await startEngine({ rules });
      await engine.start('api');
      const load = workload(1000 + nth, 2500);
      const half = Math.floor(load.requests.length / 2);
      for (const request of load.requests.slice(0, half)) await engine.send(request);
      await Promise.all(processes.map((workers) => engine.start('worker', { WEIR_WORKERS: String(workers) })));
      await Promise.all(load.requests.slice(half).map((request) => engine.send(request)));
      await expectSame(engine, load);
      expect(load.requests.flat().length).toBeGreaterThan(load.events.length);
    }),
  );
});
