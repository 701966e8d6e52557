/**
 * The contract of triage on every alert store. Run on Redis (test/redis/alert/triage.test.ts) and on Maps
 * (test/contract/alert-triage.memory.test.ts). The oracle is a plain recount of what a search finds.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alertStatuses, verdictLabels, type Alert } from '../../engine/core/alert/alert.ts';
import { factsOf, fits, type AlertQuery } from '../../engine/core/alert/query.ts';
import { limits } from '../../engine/core/limits.ts';
import type { TriageChange } from '../../engine/core/alert/triage.ts';
import type { AlertStore } from '../../engine/runtime/forward/ports.ts';
import type { AlertChange, AlertChanges } from '../../engine/runtime/alert/changes.ts';
import type { TriageRequest, TriageStore } from '../../engine/runtime/alert/triage.ts';
import { alertOf, iso, noon, updateOf } from '../support/alerts.ts';
import type { Options } from './alert-store.ts';

export type Stores = { readonly store: AlertStore; readonly triage: TriageStore; readonly changes: AlertChanges };

/** @param open opens empty stores */
export function alertTriageContract(open: (options?: Options) => Promise<Stores>): void {
  const by = (who: string, second = 0) => ({ who, at: iso(noon + 1000 * second) });
  const ask = (id: string, change: TriageChange, more: Partial<TriageRequest> = {}): TriageRequest => ({
    id: `al_${id}`,
    change,
    by: by('ann'),
    ...more,
  });
  const everyChange = async (changes: AlertChanges): Promise<AlertChange[]> => changes.after('0-0', 100_000);

  async function recount(store: AlertStore, ruleId: string) {
    const found: Alert[] = [];
    for (const shadow of [false, true]) {
      let after: string | undefined;
      do {
        const page = await store.search({ rule: ruleId, shadow, limit: 500, after });
        found.push(...page.alerts);
        after = page.next;
      } while (after !== undefined);
    }
    const count = (test: (alert: Alert) => boolean): number => found.filter(test).length;
    const verdicts = Object.fromEntries(verdictLabels.map((label) => [label, count((alert) => alert.verdict === label)]));
    const judged = verdicts['true_positive']! + verdicts['false_positive']!;
    return {
      alerts: found.length,
      status: Object.fromEntries(alertStatuses.map((status) => [status, count((alert) => alert.status === status)])),
      verdicts,
      precision: judged === 0 ? null : verdicts['true_positive']! / judged,
      last_alert: found.length === 0 ? null : iso(Math.max(...found.map(({ created }) => Date.parse(created)))),
    };
  }

  it('acknowledges an alert, closes it with a verdict, and reopens it', async () => {
    const { store, triage } = await open();
    await store.put([alertOf('a')]);
    const [acknowledged] = await triage.triage([ask('a', { status: 'acknowledged', assignee: 'ann' }, { revision: 0 })]);
    expect(acknowledged).toEqual({ kind: 'changed', alert: { ...alertOf('a'), status: 'acknowledged', assignee: 'ann', revision: 1 } });
    const closing = ask('a', { status: 'closed', verdict: 'false_positive', note: 'a test card' }, { revision: 1, by: by('bob', 1) });
    expect(await triage.triage([closing])).toMatchObject([{ kind: 'changed', alert: { status: 'closed', verdict: 'false_positive' } }]);
    const [reopened] = await triage.triage([ask('a', { status: 'open', assignee: null }, { by: by('ann', 2) })]);
    expect(reopened).toEqual({ kind: 'changed', alert: { ...alertOf('a'), revision: 3 } });
    expect(await store.get('al_a')).toEqual({ ...alertOf('a'), revision: 3 });
    expect(await triage.history('al_a')).toEqual({
      dropped: 0,
      entries: [
        { at: iso(noon), who: 'ann', status: ['open', 'acknowledged'], assignee: [null, 'ann'] },
        {
          at: iso(noon + 1000),
          who: 'bob',
          status: ['acknowledged', 'closed'],
          verdict: [null, 'false_positive'],
          note: 'a test card',
        },
        { at: iso(noon + 2000), who: 'ann', status: ['closed', 'open'], assignee: ['ann', null], verdict: ['false_positive', null] },
      ],
    });
  });

  it('notes closings and reopenings, in order, until their webhooks are notified', async () => {
    const { store, triage } = await open();
    await store.put([alertOf('a'), alertOf('b'), alertOf('c')]);
    const closing = { status: 'closed', verdict: 'benign' } as const;
    await triage.triage([ask('a', closing)]);
    await triage.triage([ask('b', { status: 'acknowledged', verdict: 'benign' }), ask('c', closing)]);
    const noted = async (id: string) =>
      (await triage.unnotified(-1000, 10)).filter((one) => one.id === id).map(({ turn, status, verdict }) => ({ turn, status, verdict }));
    const first = { turn: 1, status: 'closed', verdict: 'benign' };
    expect([await noted('al_a'), await noted('al_b'), await noted('al_c')]).toEqual([[first], [], [first]]);
    expect(await triage.unnotified(-1000, 1)).toHaveLength(1);
    expect(await triage.unnotified(60_000, 10)).toEqual([]);
    await triage.markNotified((await triage.unnotified(-1000, 10)).filter(({ id }) => id === 'al_a'));
    await triage.triage([ask('a', closing), ask('a', { note: 'still closed' })]);
    expect(await noted('al_a')).toEqual([]);
    await triage.triage([ask('c', { status: 'open' })]);
    await triage.triage([ask('c', { status: 'acknowledged' })]);
    await triage.triage([ask('c', { status: 'closed', verdict: 'true_positive' })]);
    expect(await noted('al_c')).toEqual([
      first,
      { turn: 2, status: 'open', verdict: undefined },
      { turn: 3, status: 'closed', verdict: 'true_positive' },
    ]);
    await triage.markNotified(await triage.unnotified(-1000, 10));
    expect(await triage.unnotified(-1000, 10)).toEqual([]);
  });

  it('closes no alert without a verdict, and removes no verdict from a closed alert', async () => {
    const { store, triage } = await open();
    await store.put([alertOf('a')]);
    const refused = { kind: 'refused', because: 'verdict-required' };
    expect(await triage.triage([ask('a', { status: 'closed' })])).toEqual([refused]);
    await triage.triage([ask('a', { verdict: 'benign' })]);
    expect(await triage.triage([ask('a', { status: 'closed' })])).toMatchObject([{ kind: 'changed' }]);
    expect(await triage.triage([ask('a', { verdict: null })])).toEqual([refused]);
    expect(await store.get('al_a')).toMatchObject({ status: 'closed', verdict: 'benign', revision: 2 });
  });

  it('reports a change on another revision as a conflict, unless the alert already has that state', async () => {
    const { store, triage } = await open();
    await store.put([alertOf('a')]);
    await triage.triage([ask('a', { assignee: 'ann' }, { revision: 0 })]);
    const late = await triage.triage([ask('a', { assignee: 'bob' }, { revision: 0, by: by('bob') })]);
    expect(late).toMatchObject([{ kind: 'conflict', alert: { assignee: 'ann', revision: 1 } }]);
    expect(await triage.triage([ask('a', { assignee: 'ann' }, { revision: 0 })])).toMatchObject([{ kind: 'unchanged' }]);
    expect((await triage.history('al_a')).entries).toHaveLength(1);
  });

  it('adds nothing for a repeated change, not even for a note', async () => {
    const { store, triage, changes } = await open();
    await store.put([alertOf('a')]);
    const change = ask('a', { status: 'acknowledged', note: 'looking' });
    const kinds = (await triage.triage([change, change, change])).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['changed', 'unchanged', 'unchanged']);
    expect(await triage.triage([change])).toMatchObject([{ kind: 'unchanged' }]);
    await triage.triage([ask('a', { note: 'looking' }, { by: by('bob') })]);
    expect((await triage.history('al_a')).entries.map(({ who, note }) => [who, note])).toEqual([
      ['ann', 'looking'],
      ['bob', 'looking'],
    ]);
    expect((await everyChange(changes)).map(({ kind }) => kind)).toEqual(['created', 'triaged', 'triaged']);
  });

  it('answers gone for alerts that do not exist', async () => {
    const { store, triage } = await open();
    await store.update([updateOf('early', 3, 9)]);
    const asked = ['early', 'x', 'a:b', ''].map((id) => ask(id, { assignee: 'ann' }));
    expect(await triage.triage(asked)).toEqual(asked.map(() => ({ kind: 'gone' })));
    expect(await triage.history('al_x')).toEqual({ entries: [], dropped: 0 });
    expect(await triage.history('{al}erts:*')).toEqual({ entries: [], dropped: 0 });
  });

  it('does not change an alert that no longer matches the filter', async () => {
    const { store, triage } = await open();
    await store.put([alertOf('a'), alertOf('b')]);
    await triage.triage([ask('b', { assignee: 'bob' })]);
    const only: AlertQuery = { assignee: 'bob', limit: 1 };
    const answers = await triage.triage(['a', 'b'].map((id) => ask(id, { status: 'acknowledged' }, { only })));
    expect(answers.map(({ kind }) => kind)).toEqual(['elsewhere', 'changed']);
  });

  it('keeps the newest entries of a long history, and reports how many were dropped', async () => {
    const { store, triage } = await open();
    await store.put([alertOf('a')]);
    const changed = limits.alertHistoryMax + 7;
    for (let i = 0; i < changed; i++) await triage.triage([ask('a', { note: `n${i}` })]);
    const { entries, dropped } = await triage.history('al_a');
    expect([entries.length, dropped, entries[0]?.note, entries.at(-1)?.note]).toEqual([limits.alertHistoryMax, 7, 'n7', `n${changed - 1}`]);
  });

  it('does not overwrite what the engine writes, nor the engine what analysts write, however they interleave', async () => {
    const { store, triage } = await open();
    await store.put([alertOf('a')]);
    const rounds = 100;
    const engine = async (): Promise<void> => {
      for (let v = 1; v <= rounds; v++) {
        await store.update([updateOf('a', v, 10 + v)]);
        if (v % 10 === 0) await store.put([alertOf('a', { reason: 'another' })]);
        if (v === 50) await store.markQueued(['al_a'], noon);
      }
    };
    const analyst = async (who: string): Promise<void> => {
      for (let i = 1; i <= rounds; i++) await triage.triage([ask('a', { assignee: who, note: `${who} ${i}` }, { by: by(who) })]);
    };
    await Promise.all([engine(), analyst('ann'), analyst('bob')]);
    expect(await store.get('al_a')).toMatchObject({
      count: 10 + rounds,
      last_seen: iso(noon + 10 + rounds),
      reason: '5 distinct cards',
      revision: 2 * rounds,
    });
    expect(await store.standing(['al_a'])).toEqual(['queued']);
    const { entries } = await triage.history('al_a');
    for (const who of ['ann', 'bob'])
      expect(entries.filter((one) => one.who === who).map(({ note }) => note)).toEqual(
        Array.from({ length: rounds }, (_, i) => `${who} ${i + 1}`),
      );
    // Each entry begins where the one before it ended: no change overwrote one that its author had not seen.
    let assignee: string | null = null;
    for (const entry of entries) {
      if (entry.assignee === undefined) continue;
      expect(entry.assignee[0]).toBe(assignee);
      assignee = entry.assignee[1];
    }
  });

  it('accepts exactly one of several changes to the same revision', async () => {
    const { store, triage } = await open();
    await store.put([alertOf('a')]);
    const names = ['ann', 'bob', 'cid', 'dan'];
    for (let revision = 0; revision < 20; revision++) {
      const answers = await Promise.all(
        names.map((who) => triage.triage([ask('a', { assignee: `${who}${revision}` }, { revision, by: by(who) })])),
      );
      const kinds = answers.map(([answer]) => answer!.kind);
      expect(kinds.filter((kind) => kind === 'changed')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'conflict')).toHaveLength(names.length - 1);
    }
  });

  it('publishes the creation of each alert once, and only the newest of its raised counts', async () => {
    const { store, triage, changes } = await open();
    expect(await changes.ends()).toEqual({ first: undefined, last: '0-0' });
    await store.update([updateOf('late', 1, 6)]);
    await store.put([alertOf('a'), alertOf('late')]);
    await store.put([alertOf('a'), alertOf('late')]);
    for (let v = 1; v <= 5; v++) await store.update([updateOf('a', v, 5 + v)]);
    await store.update([updateOf('a', 5, 10), updateOf('a', 6, 10)]);
    await triage.triage([ask('a', { status: 'acknowledged' })]);
    await store.update([updateOf('a', 7, 20)]);
    const found = await everyChange(changes);
    expect(found.map(({ kind, alertId }) => [kind, alertId])).toEqual([
      ['created', 'al_a'],
      ['created', 'al_late'],
      ['triaged', 'al_a'],
      ['counted', 'al_a'],
    ]);
    expect(found[2]!.triaged).toEqual({ before: { status: 'open' }, after: { status: 'acknowledged' } });
    expect(await changes.ends()).toEqual({ first: found[0]!.id, last: found[3]!.id });
    expect(await changes.after(found[1]!.id, 1)).toEqual([found[2]]);
    expect(await changes.after(found[3]!.id, 10)).toEqual([]);
  });

  const anyChange = fc.record({
    status: fc.option(fc.constantFrom(...alertStatuses), { nil: undefined }),
    verdict: fc.option(fc.constantFrom(...verdictLabels, null), { nil: undefined }),
    assignee: fc.option(fc.constantFrom('ann', 'bob', null), { nil: undefined }),
  });
  const anyAct = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('triage' as const), at: fc.nat(11), change: anyChange }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('put' as const), at: fc.nat(11) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim' as const), at: fc.nat(11) }) },
  );

  it('counts for each rule what a search finds, whatever is put, triaged and trimmed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 5, maxLength: 40 }), async (acts) => {
        const { store, triage } = await open({ alertsMsMax: 1000 });
        const alert = (at: number): Alert => alertOf(`n${at}`, { created: iso(noon + at), ruleId: `r${at % 2}`, shadow: at % 3 === 0 });
        for (const act of acts) {
          if (act.kind === 'put') {
            await store.put([alert(act.at)]);
            if (act.at % 4 !== 0) await store.markQueued([alert(act.at).id], noon);
          } else if (act.kind === 'trim') await store.trim(noon + 1000 + act.at);
          else await triage.triage([ask(`n${act.at}`, act.change)]);
        }
        const rules = ['r0', 'r1', 'never'];
        const counts = await triage.counts(rules);
        for (const [i, rule] of rules.entries()) expect(counts[i]).toEqual(await recount(store, rule));
      }),
      { numRuns: 60 },
    );
  });

  it('finds by assignee and verdict, page by page, without gaps or repeats while alerts arrive and are triaged', async () => {
    const { store, triage } = await open({ alertScanMax: 7 });
    const ids = Array.from({ length: 40 }, (_, i) => `n${i}`);
    await store.put(ids.map((id, i) => alertOf(id, { created: iso(noon + i) })));
    const verdictOf = (i: number) => (i % 2 === 0 ? 'benign' : 'duplicate');
    await triage.triage(
      ids.map((id, i) => ask(id, { assignee: i % 3 === 0 ? 'ann' : 'bob', ...(i % 4 === 0 ? {} : { verdict: verdictOf(i) }) })),
    );
    for (const query of [{ assignee: 'ann' }, { verdict: 'benign' as const }, { assignee: 'bob', verdict: 'duplicate' as const }]) {
      const expected = (await store.getMany(ids.map((id) => `al_${id}`)))
        .filter((alert) => fits({ ...query, limit: 1 }, factsOf(alert!)))
        .map((alert) => alert!.id)
        .toReversed();
      const found: string[] = [];
      let after: string | undefined;
      for (let turn = 0; ; turn++) {
        const page = await store.search({ ...query, limit: 3, after });
        found.push(...page.alerts.map(({ id }) => id));
        after = page.next;
        if (after === undefined) break;
        await store.put([alertOf(`new${turn}`, { created: iso(noon + 1000 + turn) })]);
        await triage.triage([ask(`new${turn}`, { assignee: 'ann', verdict: 'benign' })]);
        // Alerts already returned are changed; those still to come keep the fields that the search uses.
        const [shown] = page.alerts;
        if (shown !== undefined) await triage.triage([ask(shown.id.slice(3), { note: `seen ${turn}` })]);
      }
      expect(found.filter((id) => !id.startsWith('al_new'))).toEqual(expected);
      expect(new Set(found).size).toBe(found.length);
      expect(expected.length).toBeGreaterThan(5);
    }
  });
}
