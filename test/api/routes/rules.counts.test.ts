/** The numbers of each rule in /v1/rules: its alerts by status and verdict, and its precision. */
import { describe, expect, test } from 'vitest';
import { buildApp } from '../../../api/app.ts';
import { rule, ruleList } from '../../../api/schemas/rules.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { idleParts } from '../../support/api.ts';
import { createAlertStore } from '../../support/memory/alert-store.ts';

describe('the numbers of a rule', () => {
  const store = createAlertStore();
  const running = { id: 'card-testing', title: 'R', status: 'live', level: 'high', tags: [], file: 'r.yaml', hash: 'h', risk: 60 } as const;
  const rules = { ...idleParts().rules, list: async () => ({ hash: 'h', rules: [running], problems: [] }), get: async () => running };

  test('follow the verdicts; benign and duplicate do not affect precision', async () => {
    const parts = { ...idleParts(), alerts: store, triage: store.triage, rules };
    const own = await buildApp(parts, { version: 'test' });
    await store.put(['a', 'b', 'c', 'd', 'e', 'f'].map((id, i) => alertOf(id, { created: iso(noon + 8 + i) })));
    const numbers = async () => rule.parse((await own.inject('/v1/rules/card-testing')).json()).counts;
    expect(await numbers()).toMatchObject({ alerts: 6, status: { open: 6 }, precision: null, last_alert: iso(noon + 13) });
    const verdicts = { a: 'true_positive', b: 'true_positive', c: 'false_positive', d: 'benign', e: 'duplicate' } as const;
    const by = { who: 'ann', at: iso(noon) };
    for (const [id, verdict] of Object.entries(verdicts))
      await store.triage.triage([{ id: `al_${id}`, change: { status: 'closed', verdict }, by }]);
    expect(await numbers()).toMatchObject({
      status: { open: 1, acknowledged: 0, closed: 5 },
      verdicts: { true_positive: 2, false_positive: 1, benign: 1, duplicate: 1 },
      precision: 2 / 3,
    });
    await store.triage.triage([{ id: 'al_b', change: { verdict: 'false_positive' }, by }]);
    expect(await numbers()).toMatchObject({ verdicts: { true_positive: 1, false_positive: 2 }, precision: 1 / 3 });
    expect(ruleList.parse((await own.inject('/v1/rules')).json()).rules[0]!.counts).toEqual(await numbers());
    await own.close();
  });

  test('are omitted while Redis is unavailable; the rules are still listed', async () => {
    const counts = () => Promise.reject(new Error('Connection is closed.'));
    const refusalOf = () => ({ kind: 'refused', because: 'away', retryAfterSeconds: 2, detail: 'x' }) as const;
    const own = await buildApp({ ...idleParts(), triage: { ...store.triage, counts }, rules, refusalOf }, { version: 'test' });
    expect(ruleList.parse((await own.inject('/v1/rules')).json()).rules).toEqual([{ ...running, counts: null, cost: null }]);
    await own.close();
  });
});
