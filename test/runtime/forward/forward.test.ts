import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levels, type Level } from '../../../engine/core/rule.ts';
import { admit, boundOf, levelsByUrgency } from '../../../engine/core/forward/admission.ts';
import { forward, promote } from '../../../engine/runtime/forward/forward.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { Crash, forwardBench } from '../../support/forwarding.ts';

const update = (id: string, version: number, count: number) => ({
  id,
  version,
  count,
  first_seen: iso(noon),
  last_seen: iso(noon + count),
});

describe('one batch', () => {
  it('stores, queues by level, marks and removes', async () => {
    const bench = forwardBench();
    bench.putAlert(1, alertOf('low', { level: 'low' }));
    bench.putAlert(2, alertOf('critical', { level: 'critical' }));
    expect(await forward(bench.ports, bench.items())).toEqual([]);
    expect(bench.queued).toEqual([
      { id: 'al_critical', level: 'critical' },
      { id: 'al_low', level: 'low' },
    ]);
    expect(await bench.ports.store.standing(['al_low', 'al_critical'])).toEqual(['queued', 'queued']);
    expect(bench.items()).toEqual([]);
  });

  it('stores the alerts of shadow rules and never queues them', async () => {
    const bench = forwardBench();
    bench.putAlert(1, alertOf('shadow', { shadow: true }));
    await forward(bench.ports, bench.items());
    expect(bench.queued).toEqual([]);
    expect((await bench.ports.store.get('al_shadow'))?.shadow).toBe(true);
    expect(bench.items()).toEqual([]);
  });

  it('does not queue again what is marked, even when the queue has forgotten it', async () => {
    const bench = forwardBench();
    bench.putAlert(1, alertOf('a'));
    await forward(bench.ports, bench.items());
    bench.forget();
    bench.putAlert(1, alertOf('a'));
    await forward(bench.ports, bench.items());
    expect(bench.queued).toHaveLength(1);
    expect(bench.items()).toEqual([]);
  });

  it('tells webhooks of what they want, whether or not the queue has room, and never of shadow alerts', async () => {
    const bench = forwardBench({ siemMax: 0 });
    bench.putAlert(1, alertOf('high'));
    bench.putAlert(1, alertOf('low', { level: 'low' }));
    bench.putAlert(1, alertOf('shadow', { shadow: true }));
    await forward(bench.ports, bench.items());
    expect(bench.told).toEqual(['al_high']);
    expect(bench.items()).toEqual([]);
  });

  it('does not tell webhooks again of what is marked, even when their queue has forgotten it', async () => {
    const bench = forwardBench();
    for (let round = 0; round < 2; round++) {
      bench.putAlert(1, alertOf('a'));
      await forward(bench.ports, bench.items());
      bench.forget();
    }
    expect(bench.told).toEqual(['al_a']);
  });

  it('keeps what webhooks could not be told of, and queues it for the SIEM all the same', async () => {
    const bench = forwardBench();
    bench.putAlert(1, alertOf('a'));
    bench.putAlert(1, alertOf('b'));
    bench.untellable.add('al_a');
    expect(await forward(bench.ports, bench.items())).toMatchObject([{ item: { field: 'al_a' } }]);
    expect(bench.queued.map(({ id }) => id)).toEqual(['al_a', 'al_b']);
    expect(bench.items().map(({ field }) => field)).toEqual(['al_a']);
    bench.untellable.clear();
    await forward(bench.ports, bench.items());
    expect(bench.told).toEqual(['al_b', 'al_a']);
    expect(bench.queued).toHaveLength(2);
    expect(bench.items()).toEqual([]);
  });

  it('lets an alert wait in one place though two workers wrote it at their own times', async () => {
    const bench = forwardBench({ siemMax: 0 });
    for (const created of [iso(noon), iso(noon + 5)]) {
      bench.putAlert(1, alertOf('a', { created }));
      await forward(bench.ports, bench.items());
    }
    expect([...bench.waitingNow.values()].reduce((sum, places) => sum + places.size, 0)).toBe(1);
  });

  it('keeps an update that was replaced while it was being applied', async () => {
    const bench = forwardBench();
    bench.putUpdate(1, update('al_a', 1, 6));
    const read = bench.items();
    bench.putUpdate(1, update('al_a', 2, 7));
    await forward(bench.ports, read);
    expect(bench.items()).toHaveLength(1);
    await forward(bench.ports, bench.items());
    bench.putAlert(1, alertOf('a'));
    await forward(bench.ports, bench.items());
    expect((await bench.ports.store.get('al_a'))?.count).toBe(7);
  });

  it('leaves what it cannot read or queue in the outbox, and forwards the rest', async () => {
    const bench = forwardBench();
    bench.putAlert(1, alertOf('fine'));
    bench.putAlert(1, alertOf('refused'));
    bench.putAlert(1, { ...alertOf('x'), id: 'a:b' });
    bench.outbox.get(1)!.set('al_torn', '{"id":"al_to');
    bench.outbox.get(1)!.set('al_null', 'null');
    bench.outbox.get(1)!.set('al_other', JSON.stringify(alertOf('another')));
    bench.refused.add('al_refused');
    const failures = await forward(bench.ports, bench.items());
    expect(failures.map(({ item }) => item.field).toSorted()).toEqual(['a:b', 'al_null', 'al_other', 'al_refused', 'al_torn']);
    expect(bench.queued.map(({ id }) => id)).toEqual(['al_fine']);
    expect(bench.items().map(({ field }) => field)).not.toContain('al_fine');
  });

  it('G4: whatever step it crashes at, and however often, each alert is queued once and the counts are right', async () => {
    const specs = fc.array(
      fc.record({ level: fc.constantFrom(...levels), shadow: fc.boolean(), updates: fc.integer({ min: 0, max: 3 }) }),
      { minLength: 1, maxLength: 12 },
    );
    const crashes = fc.array(
      fc.record({ n: fc.integer({ min: 0, max: 7 }), when: fc.constantFrom('before' as const, 'after' as const), drained: fc.boolean() }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(specs, crashes, fc.integer({ min: 1, max: 20 }), async (alerts, faults, siemMax) => {
        const bench = forwardBench({ siemMax });
        const made = alerts.map(({ level, shadow }, i) => alertOf(`n${i}`, { level, shadow, created: iso(noon + i) }));
        made.forEach((alert, i) => {
          bench.putAlert(i % 3, alert);
          for (let v = 1; v <= alerts[i]!.updates; v++) bench.putUpdate(i % 3, update(alert.id, v, 100 + v));
        });
        for (const { n, when, drained } of faults) {
          bench.crashAt(n, when);
          for (const step of [() => forward(bench.ports, bench.items()), () => promote(bench.ports)]) {
            await step().catch((error: unknown) => {
              if (!(error instanceof Crash)) throw error;
            });
          }
          if (drained) bench.inQueue.clear();
          // A redelivered event puts its alert into the outbox again.
          bench.putAlert(0, made[0]!);
        }
        bench.crashAt(-1, 'before');
        await forward(bench.ports, bench.items());
        do bench.inQueue.clear();
        while ((await promote(bench.ports)) > 0);

        expect(bench.items()).toEqual([]);
        expect([...bench.waitingNow.values()].every((places) => places.size === 0)).toBe(true);
        expect(bench.queued.map(({ id }) => id).toSorted()).toEqual(
          made
            .filter(({ shadow }) => !shadow)
            .map(({ id }) => id)
            .toSorted(),
        );
        expect(bench.told.toSorted()).toEqual(
          made
            .filter(({ shadow, rule }) => !shadow && ['high', 'critical'].includes(rule.level))
            .map(({ id }) => id)
            .toSorted(),
        );
        for (const [i, { id }] of made.entries()) {
          const { updates } = alerts[i]!;
          expect((await bench.ports.store.get(id))?.count).toBe(updates === 0 ? 5 : 100 + updates);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('the bound of the queue', () => {
  const none = Object.fromEntries(levels.map((level) => [level, 0])) as Record<Level, number>;

  it('makes the lowest levels wait first, and keeps room for the higher ones', async () => {
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

  it('lets the most urgent in when there is room again, the oldest first', async () => {
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

  it('does not let one that the queue refuses stand before the others', async () => {
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

  it('drops from the waiting list what the store has forgotten or the queue has already got', async () => {
    const bench = forwardBench();
    await bench.ports.store.put([alertOf('had')]);
    await bench.ports.store.markQueued(['al_had'], noon);
    await bench.ports.waiting.push(['000000001al_had', '000000002al_unknown'].map((place) => ({ level: 'high' as const, place })));
    expect(await promote(bench.ports)).toBe(2);
    expect(bench.waitingNow.get('high')!.size).toBe(0);
    expect(bench.queued).toEqual([]);
  });

  it('never lets a level in where a higher one, or an earlier one of its own, waits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...levels), { maxLength: 30 }),
        fc.nat(30),
        fc.integer({ min: 1, max: 30 }),
        fc.option(fc.constantFrom(...levels), { nil: undefined }),
        (list, size, siemMax, waits) => {
          const alerts = list.map((level, at) => ({ level, at }));
          const { enter, wait } = admit(alerts, size, waits === undefined ? none : { ...none, [waits]: 1 }, siemMax);
          expect([...enter, ...wait].map(({ at }) => at).toSorted((a, b) => a - b)).toEqual(alerts.map(({ at }) => at));
          const urgency = (level: Level): number => levelsByUrgency.indexOf(level);
          const lowestIn = Math.max(-1, ...enter.map(({ level }) => urgency(level)));
          expect(wait.every(({ level }) => urgency(level) >= lowestIn)).toBe(true);
          expect(enter.every(({ level }) => waits === undefined || urgency(level) < urgency(waits))).toBe(true);
          expect(size + enter.length <= Math.max(size, boundOf('critical', siemMax))).toBe(true);
          for (const { level, at } of wait) expect(enter.some((one) => one.level === level && one.at > at)).toBe(false);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
