/** Triage of all alerts that match a filter, page by page. */
import { describe, expect, test } from 'vitest';
import { alertPage } from '../../../api/schemas/alert.ts';
import { problem } from '../../../api/schemas/problem.ts';
import { bulkAnswer } from '../../../api/schemas/triage.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { audited, bulk, get, store } from './triage.support.ts';

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
