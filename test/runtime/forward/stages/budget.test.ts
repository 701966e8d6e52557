import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../../engine/core/alert/alert.ts';
import { silent } from '../../../../engine/runtime/metering/meter.ts';
import { forward } from '../../../../engine/runtime/forward/forward.ts';
import { alertOf, iso, noon } from '../../../support/alerts.ts';
import { Crash, forwardBench, type Bench } from '../../../support/forwarding.ts';

const stored = async (bench: Bench, query: { rule?: string; shadow?: boolean } = {}): Promise<Alert[]> => {
  const found: Alert[] = [];
  let after: string | undefined;
  do {
    const page = await bench.ports.store.search({ limit: 500, after, ...query });
    found.push(...page.alerts);
    after = page.next;
  } while (after !== undefined);
  return found;
};
const isFold = ({ reason }: Alert): boolean => reason.includes('folded');

async function forwardAll(bench: Bench): Promise<void> {
  for (let items = bench.items(); items.length > 0; items = bench.items())
    expect(await forward(bench.ports, items.slice(0, 512))).toEqual([]);
}

describe('alerts over the budget of their rule and minute', () => {
  it('fold into one alert that counts them; other rules and minutes have their own budget', async () => {
    const bench = forwardBench({ siemMax: 100_000 });
    let folded = 0;
    const meter = { ...silent, add: (name: string, by = 1) => void (name === 'folded' && (folded += by)) };
    for (let i = 0; i < 5000; i++) bench.putAlert(i % 4, alertOf(`n${i}`, { created: iso(noon + i * 10), group: {} }));
    for (let i = 0; i < 10; i++) bench.putAlert(0, alertOf(`quiet${i}`, { ruleId: 'quiet', created: iso(noon + i) }));
    bench.putAlert(0, alertOf('later', { created: iso(noon + 60_000) }));
    while (bench.items().length > 0) await forward({ ...bench.ports, meter }, bench.items().slice(0, 512));

    const alerts = await stored(bench);
    expect(alerts).toHaveLength(1000 + 1 + 10 + 1);
    expect(bench.queued).toHaveLength(1012);
    const [fold, ...more] = alerts.filter(isFold);
    expect(more).toEqual([]);
    expect(fold).toMatchObject({
      rule: alertOf('x').rule,
      group: {},
      count: 4000,
      first_seen: iso(noon),
      last_seen: iso(noon + 59_999),
      events: alertOf('x').events,
    });
    expect(fold!.reason).toContain('card-testing in the minute 2026-01-01T12:00Z folded (over the budget of 1,000)');
    expect(folded).toBe(4000);
    expect(await stored(bench, { rule: 'quiet' })).toHaveLength(10);

    for (let i = 0; i < 5000; i++) bench.putAlert(i % 3, alertOf(`n${i}`, { created: iso(noon + i * 10), group: {} }));
    await forwardAll(bench);
    expect(await stored(bench)).toEqual(alerts);
    expect(bench.queued).toHaveLength(1012);
  });

  it('of a shadow rule fold into a shadow alert, which is not queued; once live, the rule has a new budget', async () => {
    const bench = forwardBench({ alertsMax: 2 });
    for (let i = 0; i < 5; i++) bench.putAlert(0, alertOf(`s${i}`, { shadow: true }));
    await forwardAll(bench);
    expect(bench.queued).toEqual([]);
    expect((await stored(bench, { shadow: true })).filter(isFold).map(({ count }) => count)).toEqual([3]);
    for (let i = 0; i < 5; i++) bench.putAlert(0, alertOf(`l${i}`));
    await forwardAll(bench);
    expect(bench.queued).toHaveLength(3);
    expect((await stored(bench)).filter(isFold).map(({ count }) => count)).toEqual([3]);
  });

  it('are not folded if they are stored already, even after the budget has expired', async () => {
    const bench = forwardBench({ alertsMax: 1 });
    await bench.ports.store.put([alertOf('a'), alertOf('b')]);
    for (const id of ['new', 'a', 'b']) bench.putAlert(0, alertOf(id));
    await forwardAll(bench);
    expect(bench.queued.map(({ id }) => id).toSorted()).toEqual(['al_a', 'al_b', 'al_new']);
  });

  it('stay in the outbox as one alert if their fold cannot be queued', async () => {
    const bench = forwardBench({ alertsMax: 1 });
    for (let i = 0; i < 6; i++) bench.putAlert(0, alertOf(`n${i}`));
    const { siem } = bench.ports;
    const ports = {
      ...bench.ports,
      siem: {
        ...siem,
        add: async (some: Parameters<typeof siem.add>[0]) => some.map(({ id }) => id.startsWith('al_n') || new Error('no')),
      },
    };
    expect(await forward(ports, bench.items())).toHaveLength(1);
    expect(bench.items()).toHaveLength(1);
    await forwardAll(bench);
    expect((await stored(bench)).filter(isFold).map(({ count }) => count)).toEqual([5]);
    expect(bench.queued).toHaveLength(1);
  });

  it('have the same count, and are stored and queued once, wherever forwarding crashes and in any order', async () => {
    const crashes = fc.array(
      fc.record({
        n: fc.integer({ min: 0, max: 9 }),
        when: fc.constantFrom('before' as const, 'after' as const),
        some: fc.array(fc.nat(19), { minLength: 1, maxLength: 20 }),
      }),
      { maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(crashes, fc.integer({ min: 0, max: 22 }), async (faults, alertsMax) => {
        const bench = forwardBench({ alertsMax });
        const made = Array.from({ length: 20 }, (_, i) => alertOf(`n${i}`, { created: iso(noon + i) }));
        for (const { n, when, some } of faults) {
          for (const i of some) bench.putAlert(i % 3, made[i]!);
          bench.crashAt(n, when);
          await forward(bench.ports, bench.items()).catch((error: unknown) => {
            if (!(error instanceof Crash)) throw error;
          });
        }
        bench.crashAt(-1, 'before');
        for (const [i, alert] of made.entries()) bench.putAlert(i % 2, alert);
        await forwardAll(bench);
        const alerts = await stored(bench);
        const over = Math.max(0, 20 - alertsMax);
        expect(alerts.filter((alert) => !isFold(alert))).toHaveLength(20 - over);
        expect(alerts.filter(isFold).map(({ count }) => count)).toEqual(over === 0 ? [] : [over]);
        expect(bench.queued.map(({ id }) => id).toSorted()).toEqual(alerts.map(({ id }) => id).toSorted());
      }),
      { numRuns: 300 },
    );
  });
});
