import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Forwarder } from '../../../engine/runtime/forward/forwarder.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { forwardBench } from '../../support/forwarding.ts';
import { until } from '../../support/processes.ts';

describe('the forwarder', () => {
  it('forwards items immediately when it is notified', async () => {
    const bench = forwardBench();
    await using forwarder = new Forwarder(bench.ports, { sweepMs: 3_600_000 });
    await turn();
    bench.putAlert(3, alertOf('a'));
    forwarder.wake(3);
    await until(() => bench.items().length === 0);
    expect(bench.queued).toHaveLength(1);
  });

  it('finds items without a notification', async () => {
    const bench = forwardBench();
    bench.putAlert(3, alertOf('a'));
    await using _forwarder = new Forwarder(bench.ports, { sweepMs: 5 });
    await until(() => bench.queued.length === 1);
    bench.putAlert(4, alertOf('b'));
    await until(() => bench.queued.length === 2);
    expect(bench.queued.map(({ id }) => id)).toEqual(['al_a', 'al_b']);
  });

  it('works through many pages, several of them concurrently', async () => {
    const bench = forwardBench({ pageMax: 7, siemMax: 10_000 });
    for (let i = 0; i < 1000; i++) bench.putAlert(i % 5, alertOf(`n${i}`));
    const forwarders = [1, 2, 3].map(() => new Forwarder(bench.ports, { sweepMs: 5 }));
    await until(() => bench.items().length === 0);
    for (const forwarder of forwarders) await forwarder[Symbol.asyncDispose]();
    expect(bench.queued).toHaveLength(1000);
  });

  it('continues after a whole pass fails, and reports the failure', async () => {
    const bench = forwardBench();
    const troubles: string[] = [];
    for (let i = 0; i < 20; i++) bench.putAlert(i % 5, alertOf(`n${i}`));
    await using _forwarder = new Forwarder(bench.ports, { sweepMs: 5, trouble: (what) => troubles.push(what) });
    for (let n = 0; n < 5; n++) {
      bench.crashAt(n, n % 2 === 0 ? 'before' : 'after');
      bench.putAlert(n, alertOf(`late${n}`));
      await until(() => bench.items().length === 0);
    }
    expect(bench.queued).toHaveLength(25);
  });

  it('is not blocked by items that keep failing, and forwards them as soon as possible', async () => {
    const bench = forwardBench({ pageMax: 5 });
    const troubles: string[] = [];
    for (let i = 0; i < 30; i++) {
      bench.putAlert(1, alertOf(`bad${i}`));
      bench.refused.add(`al_bad${i}`);
    }
    await using _forwarder = new Forwarder(bench.ports, { sweepMs: 5, trouble: (what) => troubles.push(what) });
    await until(() => troubles.length === 30);
    bench.putAlert(1, alertOf('good'));
    await until(() => bench.queued.length === 1);
    bench.refused.clear();
    await until(() => bench.items().length === 0);
    expect(bench.queued).toHaveLength(31);
    expect(new Set(troubles).size).toBe(30);
  });

  it('blames no item for an outage, also where a stage reports it of one, and goes on after a pause', async () => {
    const bench = forwardBench();
    const troubles: string[] = [];
    for (let i = 0; i < 4; i++) bench.putAlert(1, alertOf(`n${i}`));
    bench.refused.add('al_n2');
    const trouble = (what: string): void => void troubles.push(what);
    await using _forwarder = new Forwarder(bench.ports, { sweepMs: 5, isOutage: () => true, trouble });
    await until(() => troubles.length === 2);
    bench.refused.clear();
    await until(() => bench.items().length === 0);
    expect(bench.queued).toHaveLength(4);
    expect(new Set(troubles)).toEqual(new Set(['forwarding pauses']));
  });

  it('finds the one item that makes a whole batch fail, and forwards the others', async () => {
    const bench = forwardBench();
    const { store } = bench.ports;
    const ports = {
      ...bench.ports,
      store: {
        ...store,
        put: (alerts: Parameters<typeof store.put>[0]) =>
          alerts.some(({ id }) => id === 'al_bad') ? Promise.reject(new Error('index broken')) : store.put(alerts),
      },
    };
    for (const id of ['a', 'bad', 'b']) bench.putAlert(1, alertOf(id));
    await using _forwarder = new Forwarder(ports, { sweepMs: 5 });
    await until(() => bench.queued.length === 2);
    expect(bench.items().map(({ id }) => id)).toEqual(['al_bad']);
  });

  it('admits waiting alerts as the queue drains', async () => {
    const bench = forwardBench({ siemMax: 10 });
    for (let i = 0; i < 50; i++) bench.putAlert(i % 4, alertOf(`n${i}`, { level: 'low', created: iso(noon + i) }));
    await using _forwarder = new Forwarder({ ...bench.ports }, { sweepMs: 5, siemMax: 10 });
    while (bench.queued.length < 50) {
      await sleep(2);
      expect(bench.inQueue.size).toBeLessThanOrEqual(10);
      bench.inQueue.clear();
    }
  });

  it('deletes old alerts now and then', async () => {
    const bench = forwardBench();
    await bench.ports.store.put([alertOf('old', { shadow: true, created: iso(0) })]);
    let nowMs = noon;
    await using _forwarder = new Forwarder({ ...bench.ports, now: () => nowMs }, { sweepMs: 5, trimMs: 1000 });
    nowMs += 1001;
    await expect.poll(() => bench.ports.store.get('al_old'), { timeout: 100_000 }).toBeUndefined();
  });

  it('stops immediately when it has nothing to do', async () => {
    const forwarder = new Forwarder(forwardBench().ports, { sweepMs: 3_600_000 });
    await turn();
    await expect(forwarder[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });
});
