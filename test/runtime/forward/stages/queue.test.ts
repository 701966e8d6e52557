import { describe, expect, it } from 'vitest';
import type { Level } from '../../../../engine/core/rule.ts';
import { forward } from '../../../../engine/runtime/forward/forward.ts';
import { alertOf, iso, noon } from '../../../support/alerts.ts';
import { forwardBench } from '../../../support/forwarding.ts';

describe('the bound of the queue', () => {
  it('makes the lowest levels wait first, and reserves room for the higher ones', async () => {
    const bench = forwardBench({ siemMax: 100 });
    const add = async (level: Level, count: number): Promise<number> => {
      const before = bench.inQueue.size;
      for (let i = 0; i < count; i++) bench.putAlert(0, alertOf(`${level}_${i}`, { level, created: iso(noon + i) }));
      await forward(bench.ports, bench.items());
      return bench.inQueue.size - before;
    };
    expect(await add('informational', 200)).toBe(80);
    expect(await add('medium', 20)).toBe(10);
    expect(await add('critical', 7)).toBe(7);
    expect(await add('high', 1)).toBe(0);
    expect(await add('critical', 7)).toBe(0);
    expect(await add('critical', 10)).toBe(3);
    expect(bench.items()).toEqual([]);
    expect([...bench.waitingNow].map(([level, places]) => [level, places.size])).toEqual([
      ['informational', 120],
      ['low', 0],
      ['medium', 10],
      ['high', 1],
      ['critical', 0],
    ]);
  });

  it('keeps an alert whose level it does not know in the outbox, whatever happens to the others', async () => {
    const bench = forwardBench();
    bench.putAlert(0, alertOf('odd', { level: 'severe' as Level }));
    bench.putAlert(0, alertOf('usual'));
    const failures = await forward(bench.ports, bench.items());
    expect(failures.map(({ item, error }) => [item.id, error.message])).toEqual([['al_odd', 'no place in the queue for the level severe']]);
    expect(bench.queued.map(({ id }) => id)).toEqual(['al_usual']);
    expect(bench.items().map(({ id }) => id)).toEqual(['al_odd']);
  });
});
