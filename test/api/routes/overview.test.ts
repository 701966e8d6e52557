import { afterEach, describe, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp, type ApiParts } from '../../../api/app.ts';
import { overview, evidenceSteps } from '../../../api/schemas/overview.ts';
import { problem } from '../../../api/schemas/problem.ts';
import { compile } from '../../../engine/compile/index.ts';
import { limits } from '../../../engine/core/limits.ts';
import { alertCounts } from '../../../engine/core/alert/counts.ts';
import { noTrials } from '../../support/trials.ts';
import { rulesService } from '../../../engine/runtime/rules/service.ts';
import type { ShardState } from '../../../engine/runtime/metering/installation.ts';
import { alertOf } from '../../support/alerts.ts';
import { idleParts, receivedMs } from '../../support/api.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

async function get(url: string, parts: Partial<ApiParts> = {}) {
  app ??= await buildApp({ ...idleParts(), ...parts }, { version: 'test' });
  return app.inject({ url });
}
afterEach(() => void (app = undefined));

const shard = (accepted: number, lagMs: number): ShardState => ({
  accepted,
  processed: accepted - 3,
  dead: 1,
  pendingEvents: 2,
  unreadEntries: 0,
  pendingEntries: 1,
  clockMs: receivedMs - lagMs,
  heartbeatMs: receivedMs,
  heartbeatTookMs: 5,
});

describe('GET /v1/overview', () => {
  const idle = idleParts();
  const rule = (id: string, level: 'high' | 'low', status: 'live' | 'shadow') => ({
    id,
    title: id,
    level,
    status,
    tags: [],
    file: 'f',
    hash: 'h',
    risk: 1,
  });

  test('sums up the numbers of all shards and rules', async () => {
    const rules = [rule('a', 'high', 'live'), rule('b', 'high', 'live'), rule('c', 'low', 'shadow')];
    const { statusCode, body } = await get('/v1/overview', {
      backlog: async () => ({ nowMs: receivedMs, shards: [shard(10, 0), shard(20, 1500)], outbox: 4 }),
      siem: {
        ...idle.siem,
        depth: async () => ({ depth: { informational: 0, low: 0, medium: 1, high: 2, critical: 3 }, leased: 1, oldest: null }),
      },
      rules: { ...idle.rules, list: async () => ({ hash: '', rules, problems: [] }) },
      triage: {
        ...idle.triage,
        counts: async (ids) =>
          ids.map(() =>
            alertCounts(
              new Map([
                ['open', 2],
                ['acknowledged', 1],
                ['closed', 9],
              ]),
              undefined,
            ),
          ),
      },
    });
    expect(statusCode).toBe(200);
    expect(overview.parse(JSON.parse(body))).toMatchObject({
      at: new Date(receivedMs).toISOString(),
      lag_seconds: 1.5,
      events: { accepted: 30, processed: 24, dead_lettered: 2, pending: 4 },
      outbox: 4,
      siem: { depth: { critical: 3 }, leased: 1 },
      unclosed: { high: 6, low: 0, critical: 0 },
    });
  });

  test('shares one reading among concurrent requests, and does not keep a failed one', async () => {
    let readings = 0;
    let now = receivedMs;
    let away = false;
    const parts: Partial<ApiParts> = {
      now: () => now,
      refusalOf: () => ({ kind: 'refused', because: 'away', retryAfterSeconds: 1, detail: 'Redis is away' }),
      backlog: async () => {
        readings += 1;
        if (away) throw new Error('away');
        return { nowMs: now, shards: [], outbox: 0 };
      },
    };
    await Promise.all([get('/v1/overview', parts).then(() => get('/v1/overview')), get('/v1/overview', parts)]);
    readings = 0;
    now += limits.overviewAgeMsMax;
    await Promise.all([get('/v1/overview'), get('/v1/overview'), get('/v1/overview')]);
    expect(readings).toBe(1);
    now += limits.overviewAgeMsMax;
    away = true;
    expect((await get('/v1/overview')).statusCode).toBe(503);
    away = false;
    expect((await get('/v1/overview')).statusCode).toBe(200);
    expect(readings).toBe(3);
  });
});

describe('GET /v1/alerts/:id/evidence', () => {
  const { ruleset } = compile([
    {
      path: 'r.yaml',
      text: `
id: takeover
steps:
  - { name: guess, conditions: { all: [{ fact: event.outcome, operator: equal, value: failure }] } }
  - { name: pay, conditions: { all: [{ fact: event.dataset, operator: equal, value: payments }] } }
correlation: { type: temporal, group-by: [user.id], timespan: 1h }
---
id: cards
conditions: { all: [{ fact: event.dataset, operator: equal, value: payments }] }
correlation: { type: value_count, group-by: [user.id], timespan: 1h, condition: { field: card, gte: 1 } }
`,
    },
  ]);
  const rules = rulesService({ current: () => ({ ruleset, problems: [] }) as never, trials: noTrials });
  const events = [
    { 'event.id': 'e1', '@timestamp': '2026-01-01T00:00:00Z', 'event.dataset': 'logins', 'event.outcome': 'failure' },
    { 'event.id': 'e2', '@timestamp': '2026-01-01T00:01:00Z', 'event.dataset': 'payments', card: ['c1', 'c2'] },
    { 'weir.expired': true, '@timestamp': '2026-01-01T00:02:00Z' },
  ];
  const evidenceOf = async (ruleId: string, hash = 'h') => {
    const alert = alertOf('1', { ruleId, events });
    const answer = await get('/v1/alerts/al_1/evidence', {
      rules,
      alerts: { ...idleParts().alerts, get: async () => ({ ...alert, rule: { ...alert.rule, hash } }) },
    });
    return evidenceSteps.parse(answer.json());
  };

  test('returns each event with its time and the steps it matches, in the order of the alert', async () => {
    const { rule, evidence } = await evidenceOf('takeover', ruleset.byId.get('takeover')!.hash);
    expect(rule).toBe('unchanged');
    expect(evidence).toEqual([
      { time: '2026-01-01T00:00:00.000Z', id: 'e1', dataset: 'logins', steps: ['guess'], counted: {} },
      { time: '2026-01-01T00:01:00.000Z', id: 'e2', dataset: 'payments', steps: ['pay'], counted: {} },
      { time: '2026-01-01T00:02:00Z', id: null, dataset: null, steps: [], counted: {} },
    ]);
  });

  test('returns the counted values, and says if the rule has changed', async () => {
    const { rule, evidence } = await evidenceOf('cards');
    expect([rule, evidence[1]?.counted]).toEqual(['changed', { card: ['c1', 'c2'] }]);
  });

  test('returns only data of the events themselves if the rule is gone', async () => {
    const { rule, evidence } = await evidenceOf('gone');
    expect([rule, evidence[0]]).toEqual([
      'missing',
      { time: '2026-01-01T00:00:00.000Z', id: 'e1', dataset: 'logins', steps: [], counted: {} },
    ]);
  });

  test('answers 404 for an unknown alert', async () => {
    const answer = await get('/v1/alerts/al_none/evidence');
    expect([answer.statusCode, problem.parse(answer.json()).code]).toEqual([404, 'no-such-alert']);
  });
});
