/** Triage over HTTP, on the store in memory: requests, answers, and the audit log. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../../api/app.ts';
import { alertPage, alertWithHistory } from '../../../api/schemas/alert.ts';
import { problem } from '../../../api/schemas/problem.ts';
import { rule, ruleList } from '../../../api/schemas/rules.ts';
import { bulkAnswer } from '../../../api/schemas/triage.ts';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { createAlertStore, type MemoryAlertStore } from '../../support/memory/alert-store.ts';
import type { AuditEntry } from '../../../engine/runtime/access/audit.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { idleParts, receivedMs } from '../../support/api.ts';

let app: FastifyInstance;
let store: MemoryAlertStore;
let audited: AuditEntry[];
let auditFails = false;

beforeEach(async () => {
  store = createAlertStore();
  audited = [];
  auditFails = false;
  const audit = async (entry: AuditEntry): Promise<void> => {
    if (auditFails) throw new Error('Connection is closed.');
    audited.push(entry);
  };
  const keys = [{ name: 'ann', scopes: ['read', 'triage'] as const, hash: hashOf('secret-of-ann-0123456789') }];
  app = await buildApp({ ...idleParts(), alerts: store, triage: store.triage, audit }, { version: 'test', keys });
  await store.put([alertOf('a'), alertOf('b', { created: iso(noon + 1), level: 'low' })]);
});
afterEach(() => app.close());

const authorization = 'Bearer secret-of-ann-0123456789';
const patch = async (id: string, payload: object | string, seen?: string) =>
  app.inject({
    method: 'PATCH',
    url: `/v1/alerts/${id}`,
    payload,
    headers: { authorization, 'content-type': 'application/json', ...(seen === undefined ? {} : { 'if-match': seen }) },
  });
const get = async (url: string) => app.inject({ method: 'GET', url, headers: { authorization } });
const bulk = async (payload: object) => app.inject({ method: 'POST', url: '/v1/alerts/triage', payload, headers: { authorization } });

describe('PATCH /v1/alerts/:id', () => {
  test('changes the alert, returns the new ETag, and adds a history and an audit entry', async () => {
    const before = await get('/v1/alerts/al_a');
    expect(before.headers['etag']).toBe('"0"');
    expect(before.json()).toMatchObject({ status: 'open', history: [], history_dropped: 0 });
    const changed = await patch('al_a', { status: 'acknowledged', assignee: 'ann', note: 'looking' }, '"0"');
    expect([changed.statusCode, changed.headers['etag']]).toEqual([200, '"1"']);
    const history = [{ at: iso(receivedMs), who: 'ann', status: ['open', 'acknowledged'], assignee: [null, 'ann'], note: 'looking' }];
    expect(alertWithHistory.parse(changed.json())).toMatchObject({ status: 'acknowledged', assignee: 'ann', revision: 1, history });
    expect((await get('/v1/alerts/al_a')).json()).toEqual(changed.json());
    expect(audited).toEqual([
      { who: 'ann', action: 'alert.triage', subject: 'al_a', detail: { status: 'acknowledged', assignee: 'ann', note: 'looking' } },
    ]);
  });

  test('refuses to overwrite a change that the analyst has not seen', async () => {
    expect((await patch('al_a', { assignee: 'ann' }, '"0"')).statusCode).toBe(200);
    const late = await patch('al_a', { assignee: 'bob' }, '"0"');
    expect([late.statusCode, late.headers['etag']]).toEqual([412, '"1"']);
    expect(problem.parse(late.json())).toMatchObject({
      code: 'alert-changed',
      now: { revision: 1, status: 'open', assignee: 'ann', verdict: null },
    });
    expect((await patch('al_a', { assignee: 'bob' })).json()).toMatchObject({ status: 428, code: 'revision-required' });
    expect(audited).toHaveLength(1);
    expect((await patch('al_a', { assignee: 'bob' }, '*')).json()).toMatchObject({ assignee: 'bob', revision: 2 });
    expect((await patch('al_a', { note: 'a note needs no revision' })).statusCode).toBe(200);
  });

  test('answers a repeated change as before, adds nothing to the history, and audits it again', async () => {
    const change = { status: 'closed', verdict: 'true_positive', note: 'sure' };
    auditFails = true;
    expect((await patch('al_a', change, '"0"')).statusCode).toBe(500);
    auditFails = false;
    const again = await patch('al_a', change, '"0"');
    expect([again.statusCode, again.headers['etag']]).toEqual([200, '"1"']);
    expect(again.json<{ history: unknown[] }>().history).toHaveLength(1);
    expect(audited).toMatchObject([{ subject: 'al_a', detail: { ...change, repeated: true } }]);
  });

  test.each<[object | string, string]>([
    [{ id: 'al_x' }, '/body/id'],
    [{ rule: {} }, '/body/rule'],
    [{ created: iso(0) }, '/body/created'],
    [{ status: 'closed', revision: 7 }, '/body/revision'],
    [{ stauts: 'open' }, '/body/stauts'],
    ['{"__proto__":{"status":"open"}}', '/body/__proto__'],
    ['{"status":"open","constructor":{}}', '/body/constructor'],
    [{ status: 'new' }, '/body/status'],
    [{ status: null }, '/body/status'],
    [{ verdict: 'maybe' }, '/body/verdict'],
    [{ assignee: '' }, '/body/assignee'],
    [{ assignee: 'x'.repeat(129) }, '/body/assignee'],
    [{ assignee: 'ann\r\nset-cookie: x' }, '/body/assignee'],
    [{ note: '  ' }, '/body/note'],
    [{ note: 'x'.repeat(4001) }, '/body/note'],
    [{ note: ['x'] }, '/body/note'],
    [{}, '/body'],
    ['[]', '/body'],
    ['null', '/body'],
  ])('%j is a problem that points to %s, and changes nothing', async (body, pointer) => {
    const response = await patch('al_a', body, '"0"');
    expect(response.statusCode).toBe(400);
    expect(problem.parse(response.json()).errors).toMatchObject([{ pointer }]);
    expect(await store.get('al_a')).toEqual(alertOf('a'));
    expect(audited).toEqual([]);
  });

  test.each(['3', 'W/"0"', '"x"', '"0", "1"', '', '"-1"', `"${'9'.repeat(40)}"`])('If-Match: %s is a problem', async (seen) => {
    const response = await patch('al_a', { assignee: 'ann' }, seen);
    expect(response.json()).toMatchObject({ status: 400, code: 'invalid-request', errors: [{ pointer: '/headers/if-match' }] });
  });

  test('requires a verdict to close, and answers 404 for an unknown alert', async () => {
    expect((await patch('al_a', { status: 'closed' }, '"0"')).json()).toMatchObject({
      status: 400,
      code: 'verdict-required',
      errors: [{ pointer: '/body/verdict' }],
    });
    expect((await patch('al_x', { note: 'x' })).json()).toMatchObject({ status: 404, code: 'no-such-alert' });
    expect((await patch('..%2f..', { note: 'x' })).json()).toMatchObject({ status: 404 });
  });
});

describe('POST /v1/alerts/triage', () => {
  const many = Array.from({ length: 12 }, (_, i) => alertOf(`n${i}`, { created: iso(noon + 100 + i), ruleId: 'flood' }));

  test('previews with dry_run, then changes page by page, and says whether more remain', async () => {
    await store.put(many);
    const request = { filter: { rule: 'flood', status: 'open' }, change: { status: 'closed', verdict: 'duplicate' }, limit: 5 };
    const dry = bulkAnswer.parse((await bulk({ ...request, dry_run: true })).json());
    expect(dry).toMatchObject({ dry_run: true, matched: 5, changed: 5, unchanged: 0, more: true });
    expect((await store.search({ limit: 50, status: 'closed' })).alerts).toEqual([]);
    expect(audited).toEqual([]);
    let cursor: string | undefined;
    const changed: number[] = [];
    do {
      const answer = bulkAnswer.parse((await bulk({ ...request, ...(cursor === undefined ? {} : { cursor }) })).json());
      expect(answer.more).toBe(answer.next_cursor !== null);
      changed.push(answer.changed);
      cursor = answer.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(changed).toEqual([5, 5, 2]);
    const found = alertPage.parse((await get('/v1/alerts?rule=flood&verdict=duplicate')).json());
    expect(found.alerts).toHaveLength(12);
    expect((await store.get('al_a'))?.status).toBe('open');
    expect(audited.filter(({ subject }) => subject === 'bulk')).toHaveLength(3);
    expect(new Set(audited.map(({ subject }) => subject)).size).toBe(13);
  });

  test('reaches the end even if changed alerts still match the filter', async () => {
    await store.put(many);
    const request = { filter: { rule: 'flood' }, change: { assignee: 'ann' }, limit: 5 };
    let cursor: string | null = null;
    let changed = 0;
    let calls = 0;
    do {
      const answer: { changed: number; next_cursor: string | null } = (
        await bulk({ ...request, ...(cursor === null ? {} : { cursor }) })
      ).json();
      changed += answer.changed;
      cursor = answer.next_cursor;
      calls += 1;
    } while (cursor !== null);
    expect([changed, calls]).toEqual([12, 3]);
    expect((await bulk({ ...request, limit: 500 })).json()).toMatchObject({ matched: 12, changed: 0, unchanged: 12, more: false });
  });

  test('lists the alerts that it could not change', async () => {
    expect((await bulk({ filter: { level: 'low' }, change: { status: 'closed' } })).json()).toMatchObject({
      matched: 1,
      changed: 0,
      refused: [{ id: 'al_b', because: 'verdict-required' }],
    });
  });

  test.each<[object, string]>([
    [{ change: { assignee: 'ann' } }, '/body/filter'],
    [{ filter: {} }, '/body/change'],
    [{ filter: {}, change: {} }, '/body/change'],
    [{ filter: { stauts: 'open' }, change: { assignee: 'ann' } }, '/body/filter/stauts'],
    [{ filter: { since: 'noon' }, change: { assignee: 'ann' } }, '/body/filter/since'],
    [{ filter: { entity: 'x' }, change: { assignee: 'ann' } }, '/body/filter/entity'],
    [{ filter: {}, change: { id: 'al_x' } }, '/body/change/id'],
    [{ filter: {}, change: { assignee: 'ann' }, limit: 501 }, '/body/limit'],
    [{ filter: {}, change: { assignee: 'ann' }, limit: 0 }, '/body/limit'],
    [{ filter: {}, change: { assignee: 'ann' }, all: true }, '/body/all'],
    [{ filter: {}, change: { assignee: 'ann' }, cursor: 'AAAA' }, '/query/cursor'],
  ])('%j points to %s', async (body, pointer) => {
    const response = await bulk(body);
    expect(response.statusCode).toBe(400);
    expect(problem.parse(response.json()).errors).toMatchObject([{ pointer }]);
    expect(audited).toEqual([]);
  });

  test('a cursor is valid for its own filter only', async () => {
    await store.put(many);
    const change = { assignee: 'ann' };
    const { next_cursor: cursor } = (await bulk({ filter: { rule: 'flood' }, change, limit: 5 })).json<{ next_cursor: string }>();
    expect((await bulk({ filter: { level: 'high' }, change, cursor })).json()).toMatchObject({ status: 400, code: 'invalid-cursor' });
    expect((await get(`/v1/alerts?rule=flood&cursor=${cursor}`)).json()).toMatchObject({ status: 400, code: 'invalid-cursor' });
    const first = (await get('/v1/alerts?rule=flood&limit=5')).json<{ next_cursor: string }>();
    expect((await bulk({ filter: { rule: 'flood' }, change, cursor: first.next_cursor })).json()).toMatchObject({ code: 'invalid-cursor' });
  });
});

describe('the numbers of a rule', () => {
  const running = { id: 'card-testing', title: 'R', status: 'live', level: 'high', tags: [], file: 'r.yaml', hash: 'h' } as const;
  const rules = { ...idleParts().rules, list: async () => ({ hash: 'h', rules: [running], problems: [] }), get: async () => running };

  test('follow the verdicts; benign and duplicate do not affect precision', async () => {
    const parts = { ...idleParts(), alerts: store, triage: store.triage, rules };
    const own = await buildApp(parts, { version: 'test' });
    await store.put(['c', 'd', 'e', 'f'].map((id, i) => alertOf(id, { created: iso(noon + 10 + i) })));
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

test('search finds by assignee and verdict', async () => {
  await patch('al_a', { assignee: 'ann', verdict: 'benign' }, '"0"');
  const ids = async (query: string) => alertPage.parse((await get(`/v1/alerts?${query}`)).json()).alerts.map(({ id }) => id);
  expect(await ids('assignee=ann')).toEqual(['al_a']);
  expect(await ids('verdict=benign&assignee=ann')).toEqual(['al_a']);
  expect(await ids('assignee=bob')).toEqual([]);
  expect((await get('/v1/alerts?verdict=good')).json()).toMatchObject({ errors: [{ pointer: '/query/verdict' }] });
  expect((await get('/v1/alerts?assignee=')).json()).toMatchObject({ errors: [{ pointer: '/query/assignee' }] });
});
