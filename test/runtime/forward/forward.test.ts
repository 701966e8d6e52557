import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { levels } from '../../../engine/core/rule.ts';
import { forward } from '../../../engine/runtime/forward/forward.ts';
import { promote } from '../../../engine/runtime/forward/promote.ts';
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

  it('does not queue a marked alert again, even when the queue no longer remembers it', async () => {
    const bench = forwardBench();
    bench.putAlert(1, alertOf('a'));
    await forward(bench.ports, bench.items());
    bench.forget();
    bench.putAlert(1, alertOf('a'));
    await forward(bench.ports, bench.items());
    expect(bench.queued).toHaveLength(1);
    expect(bench.items()).toEqual([]);
  });

  it('notifies webhooks of the alerts they want, whether or not the queue has room, and never of shadow alerts', async () => {
    const bench = forwardBench({ siemMax: 0 });
    bench.putAlert(1, alertOf('high'));
    bench.putAlert(1, alertOf('low', { level: 'low' }));
    bench.putAlert(1, alertOf('shadow', { shadow: true }));
    await forward(bench.ports, bench.items());
    expect(bench.notified).toEqual(['al_high']);
    expect(bench.items()).toEqual([]);
  });

  it('does not notify webhooks of a marked alert again, even when their queue no longer remembers it', async () => {
    const bench = forwardBench();
    for (let round = 0; round < 2; round++) {
      bench.putAlert(1, alertOf('a'));
      await forward(bench.ports, bench.items());
      bench.forget();
    }
    expect(bench.notified).toEqual(['al_a']);
  });

  it('keeps an alert if its webhooks could not be notified, and still queues it for the SIEM', async () => {
    const bench = forwardBench();
    bench.putAlert(1, alertOf('a'));
    bench.putAlert(1, alertOf('b'));
    bench.undeliverable.add('al_a');
    expect(await forward(bench.ports, bench.items())).toMatchObject([{ item: { id: 'al_a' } }]);
    expect(bench.queued.map(({ id }) => id)).toEqual(['al_a', 'al_b']);
    expect(bench.items().map(({ id }) => id)).toEqual(['al_a']);
    bench.undeliverable.clear();
    await forward(bench.ports, bench.items());
    expect(bench.notified).toEqual(['al_b', 'al_a']);
    expect(bench.queued).toHaveLength(2);
    expect(bench.items()).toEqual([]);
  });

  it('lets an alert wait only once, although two workers wrote it at different times', async () => {
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

  it('leaves items that it cannot read or queue in the outbox, and forwards the rest', async () => {
    const bench = forwardBench();
    bench.putAlert(1, alertOf('fine'));
    bench.putAlert(1, alertOf('refused'));
    bench.putAlert(1, { ...alertOf('x'), id: 'a:b' });
    bench.outbox.get(1)!.set('al_torn', '{"id":"al_to');
    bench.outbox.get(1)!.set('al_null', 'null');
    bench.outbox.get(1)!.set('al_other', JSON.stringify(alertOf('another')));
    bench.refused.add('al_refused');
    const failures = await forward(bench.ports, bench.items());
    expect(failures.map(({ item }) => item.id).toSorted()).toEqual(['a:b', 'al_null', 'al_other', 'al_refused', 'al_torn']);
    expect(bench.queued.map(({ id }) => id)).toEqual(['al_fine']);
    expect(bench.items().map(({ id }) => id)).not.toContain('al_fine');
  });

  it('queues each alert once with the right counts, whatever step it crashes at and however often', async () => {
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
        expect(bench.notified.toSorted()).toEqual(
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
