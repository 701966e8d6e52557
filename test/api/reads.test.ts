import { afterEach, describe, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp, type ApiParts } from '../../api/app.ts';
import { alert as alertSchema, alertPage } from '../../api/schemas/alert.ts';
import { deadLetterPage, ready } from '../../api/schemas/operations.ts';
import { problem } from '../../api/schemas/problem.ts';
import { checkAnswer, ruleList, testAnswer } from '../../api/schemas/rules.ts';
import { leaseAnswer, settleAnswer, siemDepth } from '../../api/schemas/siem.ts';
import type { Alert } from '../../engine/core/alert.ts';
import { CursorError, type AlertQuery } from '../../engine/core/alert-query.ts';
import { idleParts } from '../support/api.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

async function open(parts: Partial<ApiParts> = {}): Promise<FastifyInstance> {
  app = await buildApp({ ...idleParts(), ...parts }, { version: 'test' });
  return app;
}
const get = async (url: string) => app!.inject({ method: 'GET', url });
const post = async (url: string, payload?: object | string, type = 'application/json') =>
  app!.inject({ method: 'POST', url, ...(payload === undefined ? {} : { payload, headers: { 'content-type': type } }) });

const alert = (id: string, extra: Partial<Alert> = {}): Alert => ({
  id,
  rule: { id: 'r', title: 'R', level: 'high', tags: ['attack.t1110'], hash: 'h' },
  status: 'open',
  shadow: false,
  group: { 'source.ip': '203.0.113.9' },
  entities: [{ field: 'source.ip', value: '203.0.113.9', risk: 40 }],
  value: 5,
  reason: 'because',
  message: '',
  first_seen: '2026-01-01T00:00:00.000Z',
  last_seen: '2026-01-01T00:00:01.000Z',
  created: '2026-01-01T00:00:02.000Z',
  count: 5,
  events: [{ id: 'e1', nested: { a: [1] } }],
  ...extra,
});

describe('GET /v1/alerts', () => {
  test('asks for what the parameters say', async () => {
    const queries: AlertQuery[] = [];
    await open({
      alerts: { search: async (query) => (queries.push(query), { alerts: [alert('al_1')], next: undefined }), get: async () => undefined },
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
  ])('%s is a problem that points to it', async (query, pointer) => {
    await open();
    const response = await get(`/v1/alerts?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(problem.parse(response.json()).errors).toMatchObject([{ pointer }]);
  });

  test('pages follow the cursor, with the same filters only', async () => {
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

  test('a cursor that the store itself refuses is the same problem', async () => {
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

test('GET /v1/alerts/:id: the alert as it is, __proto__ keys of its evidence included', async () => {
  const event = JSON.parse('{"id":"e","__proto__":{"x":1},"constructor":1}') as Alert['events'][number];
  await open({
    alerts: {
      search: async () => ({ alerts: [], next: undefined }),
      get: async (id) => (id === 'al_1' ? alert(id, { events: [event] }) : undefined),
    },
  });
  const found = await get('/v1/alerts/al_1');
  alertSchema.parse(found.json());
  expect(found.body).toContain('"__proto__":{"x":1}');
  expect((await get('/v1/alerts/al_2')).json()).toMatchObject({ status: 404, code: 'no-such-alert' });
});

describe('the SIEM queue', () => {
  const lease = { lease: 'l1', expires: '2026-01-01T00:01:00.000Z', alert: alert('al_1') };

  test('depth, lease with its defaults, ack and nack', async () => {
    const asked: unknown[] = [];
    const idle = idleParts().siem;
    await open({
      siem: { ...idle, lease: async (request) => (asked.push(request), [lease]), nack: async (leases) => ({ done: [], expired: leases }) },
    });
    siemDepth.parse((await get('/v1/siem')).json());
    expect(leaseAnswer.parse((await post('/v1/siem/lease')).json()).leases).toHaveLength(1);
    await post('/v1/siem/lease', {});
    await post('/v1/siem/lease', { max: 500, seconds: 3600 });
    expect(asked).toEqual([
      { max: 10, seconds: 60 },
      { max: 10, seconds: 60 },
      { max: 500, seconds: 3600 },
    ]);
    expect(settleAnswer.parse((await post('/v1/siem/ack', { leases: ['a', 'b'] })).json())).toEqual({ done: ['a', 'b'], expired: [] });
    expect((await post('/v1/siem/nack', { leases: ['a'] })).json()).toEqual({ done: [], expired: ['a'] });
  });

  test.each<[string, object | string, string]>([
    ['/v1/siem/lease', { max: 0 }, '/body/max'],
    ['/v1/siem/lease', { max: 501 }, '/body/max'],
    ['/v1/siem/lease', { seconds: 3601 }, '/body/seconds'],
    ['/v1/siem/lease', { seconds: 1.5 }, '/body/seconds'],
    ['/v1/siem/lease', { count: 5 }, '/body/count'],
    ['/v1/siem/ack', {}, '/body/leases'],
    ['/v1/siem/ack', { leases: 'a' }, '/body/leases'],
    ['/v1/siem/ack', { leases: [5] }, '/body/leases/0'],
  ])('%s %j points to what is wrong', async (url, body, pointer) => {
    await open();
    const response = await post(url, body);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] });
  });

  test('bodies that are no JSON', async () => {
    await open();
    expect((await post('/v1/siem/ack', '{"leases":')).json()).toMatchObject({ status: 400, code: 'invalid-json' });
    expect((await post('/v1/siem/ack', 'x', 'text/csv')).json()).toMatchObject({ status: 415, code: 'unsupported-media-type' });
  });
});

describe('rules', () => {
  const running = { id: 'r', title: 'R', status: 'live', level: 'high', tags: [], file: 'rules/r.yaml', hash: 'h', matches: 3 } as const;
  const finding = { file: 'body.yaml', line: 1, column: 2, severity: 'error', code: 'unknown-operator', message: 'm', hint: '' } as const;

  test('the running set, one of it, none', async () => {
    const idle = idleParts().rules;
    await open({
      rules: {
        ...idle,
        list: async () => ({ hash: 'h', rules: [running], problems: [finding] }),
        get: async (id) => (id === 'r' ? running : undefined),
      },
    });
    expect(ruleList.parse((await get('/v1/rules')).json()).rules).toHaveLength(1);
    expect((await get('/v1/rules/r')).json()).toMatchObject({ ...running, counts: { alerts: 0, precision: null, last_alert: null } });
    expect((await get('/v1/rules/x')).json()).toMatchObject({ status: 404, code: 'no-such-rule' });
  });

  test('check takes the text of a file as it is', async () => {
    const asked: string[][] = [];
    await open({
      rules: { ...idleParts().rules, check: async (text, file) => (asked.push([text, file]), { rules: 1, problems: [finding] }) },
    });
    expect(checkAnswer.parse((await post('/v1/rules/check', 'id: x\n', 'application/yaml')).json())).toEqual({
      rules: 1,
      problems: [finding],
    });
    await post('/v1/rules/check?file=mine.json', '{ "id": 1,, }');
    await post('/v1/rules/check', '{}');
    expect(asked).toEqual([
      ['id: x\n', 'body.yaml'],
      ['{ "id": 1,, }', 'mine.json'],
      ['{}', 'body.json'],
    ]);
    expect((await post('/v1/rules/check', ' ')).json()).toMatchObject({ status: 400, code: 'empty-body' });
    expect((await post('/v1/rules/check', 'x'.repeat(3_000_000), 'text/yaml')).json()).toMatchObject({ status: 413, code: 'too-large' });
  });

  test('a trial takes rules as text, as JSON, or the running ones', async () => {
    const asked: unknown[] = [];
    await open({
      rules: {
        ...idleParts().rules,
        test: async (text, events) => (asked.push([text, events]), { problems: [], alerts: [alert('al_1')], rejected: [], faults: [] }),
      },
    });
    testAnswer.parse((await post('/v1/rules/test', { rules: 'id: x', events: [{ a: 1 }] })).json());
    await post('/v1/rules/test', { rules: { id: 'x' }, events: [] });
    await post('/v1/rules/test', { events: [{ a: 1 }] });
    expect(asked).toEqual([
      ['id: x', [{ a: 1 }]],
      ['{"id":"x"}', []],
      [undefined, [{ a: 1 }]],
    ]);
    expect((await post('/v1/rules/test', { events: [{}, 5] })).json()).toMatchObject({
      status: 400,
      errors: [{ pointer: '/body/events/1' }],
    });
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect((await post('/v1/rules/test', `{"events":[{"a":${deep}}]}`)).json()).toMatchObject({ status: 400, code: 'too-deep' });
    expect((await post('/v1/rules/test', `{"rules":{"a":${deep}},"events":[]}`)).json()).toMatchObject({ status: 400, code: 'too-deep' });
  });
});

describe('operations', () => {
  test('dead letters, page by page', async () => {
    const letter = { id: '0-5-1-0', at: '2026-01-01T00:00:00.000Z', stage: 'decode', cause: 'not JSON', body: 'x' };
    await open({ deadLetters: { list: async ({ after }) => ({ letters: [letter], next: after === undefined ? 'p' : undefined }) } });
    const first = deadLetterPage.parse((await get('/v1/dead-letters?limit=1')).json());
    expect(first.dead_letters).toEqual([letter]);
    expect(deadLetterPage.parse((await get(`/v1/dead-letters?cursor=${first.next_cursor}`)).json()).next_cursor).toBeNull();
    expect((await get('/v1/dead-letters?cursor=zz')).statusCode).toBe(400);
  });

  test('alive is not ready', async () => {
    let stopping = false;
    const parts = idleParts();
    await open({ sink: parts.sink, stopping: () => stopping, health: { ready: async () => ({ rules: { ok: true } }) } });
    expect((await get('/healthz')).json()).toEqual({ status: 'ok' });
    expect(ready.parse((await get('/readyz')).json()).ready).toBe(true);
    parts.sink.close({ kind: 'refused', because: 'full', retryAfterSeconds: 5, detail: 'Redis uses 90 % of its maxmemory' });
    const full = await get('/readyz');
    expect(full.statusCode).toBe(503);
    expect(full.json()).toEqual({
      ready: false,
      parts: { server: { ok: true }, ingest: { ok: false, reason: 'Redis uses 90 % of its maxmemory' }, rules: { ok: true } },
    });
    parts.sink.close(undefined);
    stopping = true;
    expect((await get('/readyz')).statusCode).toBe(503);
    expect((await get('/healthz')).statusCode).toBe(200);
    const refused = await post('/v1/events', { id: 1 });
    expect([
      refused.statusCode,
      refused.headers['retry-after'],
      refused.headers['connection'],
      refused.json<{ code: string }>().code,
    ]).toEqual([503, '1', 'close', 'stopping']);
  });

  test('metrics are text', async () => {
    await open({ metrics: { expose: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: '# HELP x\nx 1\n' }) } });
    const response = await get('/metrics');
    expect([response.headers['content-type'], response.body]).toEqual(['text/plain; version=0.0.4; charset=utf-8', '# HELP x\nx 1\n']);
  });
});

describe('every error is a problem', () => {
  test.each<[string, 'GET' | 'DELETE' | 'PUT', string, number, string]>([
    ['nothing there', 'GET', '/nothing', 404, 'not-found'],
    ['not this method', 'DELETE', '/v1/events', 405, 'method-not-allowed'],
    ['not this method, with an id', 'PUT', '/v1/alerts/al_1', 405, 'method-not-allowed'],
    ['a path that is none', 'GET', '/%zz', 400, 'bad-address'],
    ['climbing out', 'GET', '/v1/../../etc/passwd', 404, 'not-found'],
    ['an id that is too long', 'GET', `/v1/alerts/${'x'.repeat(300)}`, 400, 'invalid-request'],
  ])('%s', async (_, method, url, status, code) => {
    await open();
    const response = await app!.inject({ method, url });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(problem.parse(response.json())).toMatchObject({ status, code });
    if (status === 405) expect(response.headers['allow']).toMatch(/GET|POST/);
  });

  test('a bug shows no more than its request id', async () => {
    await open({ alerts: { search: () => Promise.reject(new Error('secret path /etc/x')), get: async () => undefined } });
    const response = await get('/v1/alerts');
    expect(response.json()).toMatchObject({ status: 500, code: 'internal-error', request_id: response.headers['x-request-id'] });
    expect(response.body).not.toContain('secret');
  });

  test('a store that is away is 503 with Retry-After, and no bug', async () => {
    const refusal = { kind: 'refused', because: 'away', retryAfterSeconds: 2, detail: 'Redis is not reachable' } as const;
    await open({ alerts: { search: () => Promise.reject(new Error('x')), get: async () => undefined }, refusalOf: () => refusal });
    const response = await get('/v1/alerts');
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2']);
  });
});

test('openapi.json tells each route, its answers, and its problems', async () => {
  await open();
  const document = (await get('/openapi.json')).json<{
    openapi: string;
    paths: Record<
      string,
      Record<string, { operationId?: string; requestBody?: { content: object }; responses: Record<string, { content?: object }> }>
    >;
    components: { schemas: object };
  }>();
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
  expect(operations.toSorted()).toEqual(
    [
      'delete /v1/keys/{name}',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'get /v1/alerts',
      'get /v1/alerts/stream',
      'get /v1/alerts/{id}',
      'get /v1/alerts/{id}/evidence',
      'get /v1/audit',
      'get /v1/dead-letters',
      'get /v1/dead-letters/{id}',
      'delete /v1/dead-letters/{id}',
      'post /v1/dead-letters/{id}/retry',
      'post /v1/dead-letters/retry',
      'post /v1/dead-letters/discard',
      'get /v1/keys',
      'get /v1/overview',
      'get /v1/rules',
      'get /v1/rules/{id}',
      'get /v1/siem',
      'get /v1/webhooks',
      'post /v1/webhooks',
      'get /v1/webhooks/{id}',
      'patch /v1/webhooks/{id}',
      'delete /v1/webhooks/{id}',
      'get /v1/webhooks/{id}/deliveries',
      'post /v1/webhooks/{id}/deliveries/{delivery}/replay',
      'post /v1/webhooks/{id}/rotate',
      'post /v1/webhooks/{id}/test',
      'patch /v1/alerts/{id}',
      'post /v1/alerts/triage',
      'post /v1/events',
      'post /v1/keys',
      'post /v1/rules/check',
      'post /v1/rules/test',
      'post /v1/siem/ack',
      'post /v1/siem/lease',
      'post /v1/siem/nack',
    ].toSorted(),
  );
  const events = document.paths['/v1/events']!['post']!;
  expect(Object.keys(events.requestBody!.content)).toContain('application/x-ndjson');
  expect(Object.keys(events.responses['503']!.content!)).toEqual(['application/problem+json']);
  expect(Object.keys(events.responses['202']!.content!)).toEqual(['application/json']);
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(['Alert', 'Problem', 'Accepted', 'Rule']));
});
