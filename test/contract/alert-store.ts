/** The contract of every alert store. Run on Redis (test/redis/alert/store.test.ts) and on Maps (test/contract/alert-store.memory.test.ts). */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Alert } from '../../engine/core/alert/alert.ts';
import { concerns, CursorError, factsOf, fits, placeOf, type AlertQuery } from '../../engine/core/alert/query.ts';
import { levels } from '../../engine/core/rule.ts';
import type { AlertStore } from '../../engine/runtime/forward/ports.ts';
import { alertOf, iso, noon, updateOf } from '../support/alerts.ts';

export type Options = { readonly alertsMsMax?: number; readonly alertsMax?: number; readonly alertScanMax?: number };

/** @param open opens an empty store */
export function alertStoreContract(open: (options?: Options) => Promise<AlertStore>): void {
  async function everyPage(
    store: AlertStore,
    query: AlertQuery,
    between: () => Promise<unknown> = async () => undefined,
  ): Promise<Alert[]> {
    const found: Alert[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.search({ ...query, after: cursor });
      expect(page.alerts.length).toBeLessThanOrEqual(query.limit);
      found.push(...page.alerts);
      cursor = page.next;
      await between();
    } while (cursor !== undefined);
    return found;
  }

  it('returns the alerts that were put, and undefined for others', async () => {
    const store = await open();
    expect(await store.put([alertOf('a'), alertOf('b')])).toEqual([
      { created: true, queued: false, notified: false },
      { created: true, queued: false, notified: false },
    ]);
    expect(await store.get('al_a')).toEqual(alertOf('a'));
    expect(await store.getMany(['al_b', 'al_x', 'no id: at all', 'al_a'])).toEqual([alertOf('b'), undefined, undefined, alertOf('a')]);
  });

  it('never overwrites an alert', async () => {
    const store = await open();
    await store.put([alertOf('a')]);
    expect(await store.put([alertOf('a', { reason: 'another' })])).toEqual([{ created: false, queued: false, notified: false }]);
    expect((await store.get('al_a'))?.reason).toBe('5 distinct cards');
  });

  it('finds an alert once, at its first creation time, when two workers wrote it at different times', async () => {
    const store = await open();
    await store.put([alertOf('a')]);
    await store.put([alertOf('a', { created: iso(noon + 5) })]);
    const rule = alertOf('a').rule.id;
    for (const query of [{}, { rule }]) expect((await store.search({ limit: 5, ...query })).alerts).toEqual([alertOf('a')]);
  });

  it('refuses an alert that it could not find again, and stores the others', async () => {
    const store = await open();
    const [bad, digits, untimed, good] = await store.put([
      { ...alertOf('a'), id: 'a:b' },
      { ...alertOf('a'), id: '123' },
      alertOf('t', { created: 'yesterday' }),
      alertOf('g'),
    ]);
    expect(bad).toBeInstanceOf(Error);
    expect(digits).toBeInstanceOf(Error);
    expect(untimed).toBeInstanceOf(Error);
    expect(good).toEqual({ created: true, queued: false, notified: false });
    expect((await store.search({ limit: 10 })).alerts.map(({ id }) => id)).toEqual(['al_g']);
  });

  it('applies updates by version, in whatever order they arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }), async (order) => {
        const store = await open();
        let highest = 0;
        for (const version of order) {
          const answer = version === 0 ? await store.put([alertOf('a')]) : await store.update([updateOf('a', version, 10 * version)]);
          expect(answer).toEqual([version === 0 ? { created: true, queued: false, notified: false } : { applied: version > highest }]);
          highest = Math.max(highest, version);
        }
        expect(await store.get('al_a')).toEqual(alertOf('a', { count: 50, last_seen: iso(noon + 50) }));
      }),
      { numRuns: 25 },
    );
  });

  it('does not show an update whose alert has not arrived', async () => {
    const store = await open();
    await store.update([updateOf('a', 3, 9)]);
    expect(await store.get('al_a')).toBeUndefined();
    expect(await store.search({ limit: 10 })).toEqual({ alerts: [], next: undefined });
  });

  it('records which alerts were queued, and reports which are still to be queued', async () => {
    const store = await open();
    await store.put([alertOf('a'), alertOf('b')]);
    await store.markQueued(['al_a', 'al_unknown'], noon);
    expect(await store.put([alertOf('a'), alertOf('b')])).toEqual([
      { created: false, queued: true, notified: false },
      { created: false, queued: false, notified: false },
    ]);
    expect(await store.standing(['al_a', 'al_b', 'al_unknown'])).toEqual(['queued', 'unqueued', 'gone']);
    expect(await store.get('al_unknown')).toBeUndefined();
  });

  const anyAlert = fc.record({
    at: fc.integer({ min: 0, max: 6 }),
    level: fc.constantFrom(...levels),
    ruleId: fc.constantFrom('r1', 'r2'),
    status: fc.constantFrom('open' as const, 'acknowledged' as const, 'closed' as const),
    shadow: fc.boolean(),
    user: fc.constantFrom('u1', 'u2', 'u3'),
  });
  const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
  const anyQuery = fc.record({
    status: maybe(fc.constantFrom('open' as const, 'closed' as const)),
    level: maybe(fc.constantFrom(...levels)),
    minLevel: maybe(fc.constantFrom(...levels)),
    rule: maybe(fc.constantFrom('r1', 'r2', 'r3')),
    entity: maybe(fc.record({ field: fc.constantFrom('user.id', 'source.ip'), value: fc.constantFrom('u1', 'u2', '203.0.113.9') })),
    since: maybe(fc.integer({ min: 0, max: 7 }).map((at) => noon + at)),
    until: maybe(fc.integer({ min: 0, max: 7 }).map((at) => noon + at)),
    shadow: maybe(fc.boolean()),
    limit: fc.integer({ min: 1, max: 7 }),
  });

  it('records which alerts webhooks were notified of, independently of the queue', async () => {
    const store = await open();
    await store.put([alertOf('a')]);
    await store.markNotified(['al_a', 'al_unknown'], noon);
    expect(await store.put([alertOf('a')])).toEqual([{ created: false, queued: false, notified: true }]);
    expect(await store.standing(['al_a', 'al_unknown'])).toEqual(['unqueued', 'gone']);
    expect(await store.get('al_unknown')).toBeUndefined();
  });

  it('finds what a plain filter finds, in order, without gaps or repeats while alerts arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyAlert, { maxLength: 40 }),
        fc.array(anyQuery, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 30 }),
        async (specs, queries, alertScanMax) => {
          const store = await open({ alertScanMax });
          const alerts = specs.map(({ at, user, ...rest }, i) =>
            alertOf(`${(i * 7919) % 101}_${i}`, {
              ...rest,
              created: iso(noon + at),
              entities: [{ field: 'user.id', value: user, risk: 1 }],
            }),
          );
          await store.put(alerts);
          let newer = 0;
          for (const query of queries) {
            const expected = alerts
              .filter((alert) => fits(query, factsOf(alert)) && (query.entity === undefined || concerns(alert, query.entity)))
              .filter(({ created }) => Date.parse(created) >= (query.since ?? 0) && Date.parse(created) < (query.until ?? Infinity))
              .sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
            const insert = (): Promise<unknown> =>
              store.put([alertOf(`new${newer++}`, { created: iso(noon + 10_000 + newer), ruleId: 'r1' })]);
            const found = await everyPage(store, query, insert);
            const old = found.filter(({ id }) => !id.startsWith('al_new'));
            expect(old.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses a cursor that it did not issue', async () => {
    const store = await open();
    for (const cursor of ['', 'x', 'al_a', '../../etc', Buffer.from('000000000al_a b').toString('base64url'), '$$$$']) {
      await expect(store.search({ limit: 5, after: cursor })).rejects.toThrow(CursorError);
    }
  });

  it('drops the oldest alerts over the bounds of age and number, and none that is still to be queued', async () => {
    const store = await open({ alertsMax: 4, alertsMsMax: 1000 });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    await store.put(
      ids.map((id, i) => alertOf(id, { created: iso(noon + i), shadow: id === 'c', status: id === 'b' ? 'closed' : 'open' })),
    );
    await store.markQueued(['al_b', 'al_d', 'al_e', 'al_f'], noon);
    const left = async (): Promise<string[]> =>
      (await store.getMany(ids.map((id) => `al_${id}`))).flatMap((alert) => alert?.id.slice(3) ?? []);

    expect(await store.trim(noon + 10)).toEqual({ closed: 1 });
    expect(await left()).toEqual(['a', 'c', 'd', 'e', 'f']);
    expect(await store.trim(noon + 10)).toEqual({});
    expect(await store.trim(noon + 1004)).toEqual({ open: 2 });
    expect(await left()).toEqual(['a', 'e', 'f']);
    expect((await store.search({ limit: 10 })).alerts.map(({ id }) => id)).toEqual(['al_f', 'al_e', 'al_a']);
    expect((await store.search({ limit: 10, rule: 'card-testing' })).alerts).toHaveLength(3);
  });
}
