import { describe, expect, it } from 'vitest';
import { forward } from '../../../engine/runtime/forward/forward.ts';
import { promote } from '../../../engine/runtime/forward/promote.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { forwardBench } from '../../support/forwarding.ts';

describe('the waiting list', () => {
  it('admits the most urgent alerts when there is room again, the oldest first', async () => {
    const bench = forwardBench({ siemMax: 10 });
    for (let i = 0; i < 30; i++)
      bench.putAlert(0, alertOf(`${i}`, { level: i % 2 === 0 ? 'informational' : 'high', created: iso(noon + (100 - i)) }));
    await forward(bench.ports, bench.items());
    const first = bench.queued.length;
    bench.inQueue.clear();
    await promote(bench.ports);
    const { queued } = bench;
    const next = queued.slice(first);
    expect(next.map(({ level }) => level)).toEqual([...Array(5).fill('high'), ...Array(3).fill('informational')]);
    for (const level of ['high', 'informational']) {
      const ages = next.filter((one) => one.level === level).map(({ id }) => Number(id.slice(3)));
      expect(ages).toEqual(ages.toSorted((a, b) => b - a));
    }
    do bench.inQueue.clear();
    while ((await promote(bench.ports)) > 0);
    expect(queued).toHaveLength(30);
  });

  it('does not let an alert that the queue refuses block the others', async () => {
    const bench = forwardBench({ siemMax: 4 });
    for (let i = 0; i < 12; i++) bench.putAlert(0, alertOf(`n${i}`, { created: iso(noon + i) }));
    await forward(bench.ports, bench.items());
    for (let i = 4; i < 8; i++) bench.refused.add(`al_n${i}`);
    for (let round = 0; round < 5; round++) {
      bench.inQueue.clear();
      await promote(bench.ports);
    }
    expect(bench.queued.map(({ id }) => id)).toEqual(expect.arrayContaining(['al_n8', 'al_n9', 'al_n10', 'al_n11']));
    bench.refused.clear();
    for (let round = 0; round < 5; round++) {
      bench.inQueue.clear();
      await promote(bench.ports);
    }
    expect(bench.queued).toHaveLength(12);
  });

  it('removes alerts that the store has deleted or the queue already has', async () => {
    const bench = forwardBench();
    await bench.ports.store.put([alertOf('had')]);
    await bench.ports.store.markQueued(['al_had'], noon);
    await bench.ports.waiting.push(['000000001al_had', '000000002al_unknown'].map((place) => ({ level: 'high' as const, place })));
    expect(await promote(bench.ports)).toBe(2);
    expect(bench.waitingNow.get('high')!.size).toBe(0);
    expect(bench.queued).toEqual([]);
  });
});
