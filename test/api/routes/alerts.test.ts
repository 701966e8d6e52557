/** Searching alerts and reading one: the query that the store gets, and the answer. */
import { describe, expect, test } from 'vitest';
import { alert, alertPage } from '../../../api/schemas/alert.ts';
import { problem } from '../../../api/schemas/problem.ts';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { CursorError, type AlertQuery } from '../../../engine/core/alert/query.ts';
import { alertOf } from '../../support/alerts.ts';
import { get, open } from '../app.support.ts';

describe('GET /v1/alerts', () => {
  test('passes the parameters on to the store', async () => {
    const queries: AlertQuery[] = [];
    await open({
      alerts: { search: async (query) => (queries.push(query), { alerts: [alertOf('1')], next: undefined }), get: async () => undefined },
    });
    const all = await get('/v1/alerts');
    expect(alertPage.parse(all.json())).toMatchObject({ alerts: [{ id: 'al_1' }], next_cursor: null });
    expect(all.headers['link']).toBeUndefined();
    await get(
      '/v1/alerts?status=open&level=high&min_level=low&rule=r&entity=source.ip:2001:db8::1&since=2026-01-01T00:00:00%2B01:00&until=1767225600&shadow=true&limit=7',
    );
    expect(queries).toMatchObject([
      { limit: 50, shadow: false, after: undefined },
      {
        status: 'open',
        level: 'high',
        minLevel: 'low',
        rule: 'r',
        entity: { field: 'source.ip', value: '2001:db8::1' },
        since: Date.parse('2025-12-31T23:00:00Z'),
        until: 1_767_225_600_000,
        shadow: true,
        limit: 7,
      },
    ]);
  });

  test.each([
    ['status=new', '/query/status'],
    ['level=urgent', '/query/level'],
    ['min_level=5', '/query/min_level'],
    ['entity=nothing', '/query/entity'],
    ['entity=:x', '/query/entity'],
    ['since=yesterday', '/query/since'],
    ['until=-5', '/query/until'],
    ['shadow=maybe', '/query/shadow'],
    ['limit=0', '/query/limit'],
    ['limit=-1', '/query/limit'],
    ['limit=501', '/query/limit'],
    ['limit=1e9', '/query/limit'],
    ['limit=ten', '/query/limit'],
    ['limit=5&limit=6', '/query/limit'],
    ['levle=high', '/query/levle'],
    ['cursor=x', '/query/cursor'],
  ])('answers %s with a problem that points to the parameter', async (query, pointer) => {
    await open();
    const response = await get(`/v1/alerts?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(problem.parse(response.json()).errors).toMatchObject([{ pointer }]);
  });

  test('pages by cursor, which is valid for the same filters only', async () => {
    const seen: (string | undefined)[] = [];
    await open({
      alerts: {
        search: async ({ after }) => (seen.push(after), { alerts: [], next: after === undefined ? 'place-1' : undefined }),
        get: async () => undefined,
      },
    });
    const first = await get('/v1/alerts?level=high&limit=5');
    const { next_cursor: cursor } = first.json<{ next_cursor: string }>();
    expect(cursor).not.toContain('place');
    const link = /^<(.*)>; rel="next"$/.exec(String(first.headers['link']))?.[1];
    expect((await get(link!)).json()).toEqual({ alerts: [], next_cursor: null });
    expect((await get(`/v1/alerts?level=high&limit=9&cursor=${cursor}`)).statusCode).toBe(200);
    expect(seen).toEqual([undefined, 'place-1', 'place-1']);
    const altered = `${cursor.slice(0, -2)}${cursor.endsWith('A') ? 'BB' : 'AA'}`;
    for (const url of [
      `level=low&cursor=${cursor}`,
      `cursor=${cursor}`,
      `level=high&cursor=${altered}`,
      `level=high&cursor=${cursor.slice(1)}`,
      `level=high&cursor=${cursor}A`,
    ]) {
      const response = await get(`/v1/alerts?${url}`);
      expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([400, 'invalid-cursor']);
    }
  });

  test('answers a cursor that the store refuses with the same problem', async () => {
    let refuse = false;
    await open({
      alerts: {
        async search() {
          if (refuse) throw new CursorError();
          return { alerts: [], next: 'p' };
        },
        get: async () => undefined,
      },
    });
    const { next_cursor: cursor } = (await get('/v1/alerts')).json<{ next_cursor: string }>();
    refuse = true;
    expect((await get(`/v1/alerts?cursor=${cursor}`)).json()).toMatchObject({ status: 400, code: 'invalid-cursor' });
  });
});

test('GET /v1/alerts/:id returns the alert unchanged, including __proto__ keys in its evidence', async () => {
  const event = JSON.parse('{"id":"e","__proto__":{"x":1},"constructor":1}') as Alert['events'][number];
  await open({
    alerts: {
      search: async () => ({ alerts: [], next: undefined }),
      get: async (id) => (id === 'al_1' ? alertOf('1', { events: [event] }) : undefined),
    },
  });
  const found = await get('/v1/alerts/al_1');
  alert.parse(found.json());
  expect(found.body).toContain('"__proto__":{"x":1}');
  expect((await get('/v1/alerts/al_2')).json()).toMatchObject({ status: 404, code: 'no-such-alert' });
});
