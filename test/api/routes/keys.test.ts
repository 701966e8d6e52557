/** Keys and the audit log over HTTP, on a real Redis: from creating the first key to revoking the last. */
import { beforeEach, expect, test } from 'vitest';
import { auditPage } from '../../../api/schemas/audit.ts';
import { keyList, madeKey, shownKey } from '../../../api/schemas/keys.ts';
import { startApi, type ApiConfig, type ApiServer } from '../../../api/server.ts';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { limits } from '../../../engine/core/limits.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { idleParts } from '../../support/api.ts';
import { until } from '../../support/processes.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { server, redis } = await ownRedis();
beforeEach(() => redis.flushall());
const config: ApiConfig = { ...limits, host: '127.0.0.1', port: 0, keys: [] };
const start = (given: Partial<ApiConfig> = {}): Promise<ApiServer> =>
  startApi({ ...idleParts(), config: { ...config, ...given }, redisUrl: server.url, version: 'test' });

type Answer = { readonly status: number; readonly body: unknown; readonly headers: Headers };
async function ask(api: ApiServer, method: string, path: string, secret?: string, body?: unknown): Promise<Answer> {
  const headers = {
    ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const answer = await fetch(api.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

test('creates, lists and revokes keys, from the first to the last', async () => {
  await using api = await start();
  await using other = await start();
  expect((await ask(api, 'GET', '/v1/keys')).body).toEqual({ keys: [] });

  const first = await ask(api, 'POST', '/v1/keys', undefined, { name: 'boss', scopes: ['admin'] });
  expect([first.status, first.headers.get('cache-control')]).toEqual([201, 'no-store']);
  const boss = madeKey.parse(first.body).secret;
  expect(boss).toMatch(/^weir_[0-9A-Za-z]{40}$/);
  expect((await ask(api, 'GET', '/v1/keys')).status).toBe(401);
  await until(async () => (await ask(other, 'GET', '/v1/keys')).status === 401);
  await until(async () => (await ask(other, 'GET', '/v1/keys', boss)).status === 200);

  const expires = new Date(Date.now() + 3_600_000).toISOString();
  const soc = madeKey.parse((await ask(api, 'POST', '/v1/keys', boss, { name: 'soc', scopes: ['triage', 'read'], expires })).body);
  expect(soc).toMatchObject({ name: 'soc', scopes: ['read', 'triage'], state: 'in-force', source: 'made', created_by: 'boss', expires });
  expect((await ask(api, 'GET', '/v1/alerts', soc.secret)).status).toBe(200);
  expect((await ask(api, 'POST', '/v1/keys', soc.secret, { name: 'more', scopes: ['admin'] })).status).toBe(403);
  expect((await ask(api, 'GET', '/v1/audit', soc.secret)).body).toMatchObject({ code: 'missing-scope', required_scope: 'admin' });

  expect(shownKey.parse((await ask(api, 'DELETE', '/v1/keys/soc', boss)).body)).toMatchObject({ state: 'revoked' });
  expect((await ask(api, 'DELETE', '/v1/keys/soc', boss)).status).toBe(200);
  expect((await ask(api, 'GET', '/v1/alerts', soc.secret)).status).toBe(401);
  await until(async () => (await ask(other, 'GET', '/v1/alerts', soc.secret)).status === 401);

  const audit = auditPage.parse((await ask(api, 'GET', '/v1/audit', boss)).body);
  expect(audit.entries.map(({ who, action, subject }) => `${who} ${action} ${subject}`)).toEqual([
    'boss key.revoke soc',
    'boss key.revoke soc',
    'boss key.create soc',
    'local key.create boss',
  ]);
  expect(auditPage.parse((await ask(api, 'GET', '/v1/audit?action=key.create&who=boss', boss)).body).entries).toHaveLength(1);
  const page = auditPage.parse((await ask(api, 'GET', '/v1/audit?limit=1', boss)).body);
  expect(auditPage.parse((await ask(api, 'GET', `/v1/audit?limit=3&cursor=${page.next_cursor}`, boss)).body).entries).toHaveLength(3);
  expect((await ask(api, 'GET', `/v1/audit?who=boss&cursor=${page.next_cursor}`, boss)).body).toMatchObject({ code: 'invalid-cursor' });

  await ask(api, 'DELETE', '/v1/keys/boss', boss);
  for (const secret of [undefined, boss, soc.secret]) expect((await ask(api, 'GET', '/v1/alerts', secret)).status).toBe(401);

  // Redis holds hashes only, no secrets.
  const everything = JSON.stringify([await redis.hgetall(keys.apiKeys), await redis.xrange(keys.audit, '-', '+')]);
  expect(everything).toContain(hashOf(boss));
  for (const secret of [boss, soc.secret]) expect(everything).not.toContain(secret.slice(5));
  // @ts-expect-error: the answer has no hash
  expect(keyList.shape.keys.element.shape.hash).toBeUndefined();
});

test('answers with a problem if a key cannot be created or revoked', async () => {
  await using api = await start({ keys: [{ name: 'ops', scopes: ['admin'], hash: hashOf('the-secret-of-ops') }] });
  const as = (method: string, path: string, body?: unknown) => ask(api, method, path, 'the-secret-of-ops', body);
  const code = async (answer: Promise<Answer>) => [(await answer).status, ((await answer).body as { code: string }).code];
  expect(await code(as('POST', '/v1/keys', { name: 'a b', scopes: ['read'] }))).toEqual([400, 'invalid-request']);
  expect(await code(as('POST', '/v1/keys', { name: 'a', scopes: [] }))).toEqual([400, 'invalid-request']);
  expect(await code(as('POST', '/v1/keys', { name: 'a', scopes: ['root'] }))).toEqual([400, 'invalid-request']);
  expect(await code(as('POST', '/v1/keys', { name: 'a', scopes: ['read'], secret: 'mine' }))).toEqual([400, 'invalid-request']);
  expect(await code(as('POST', '/v1/keys', { name: 'a', scopes: ['read'], expires: '2020-01-01T00:00:00Z' }))).toEqual([
    400,
    'invalid-request',
  ]);
  expect(await code(as('POST', '/v1/keys', { name: 'ops', scopes: ['read'] }))).toEqual([409, 'key-name-taken']);
  expect(await code(as('DELETE', '/v1/keys/ops'))).toEqual([409, 'key-of-settings']);
  expect(await code(as('DELETE', '/v1/keys/nobody'))).toEqual([404, 'no-such-key']);
  expect((await as('POST', '/v1/keys', { name: 'a', scopes: ['read'] })).status).toBe(201);
  expect(await code(as('POST', '/v1/keys', { name: 'a', scopes: ['read'] }))).toEqual([409, 'key-name-taken']);
  expect(keyList.parse((await as('GET', '/v1/keys')).body).keys.map(({ name, source, state }) => [name, source, state])).toEqual([
    ['ops', 'settings', 'in-force'],
    ['a', 'made', 'in-force'],
  ]);
});

test('a change without its audit entry is not answered as done', async () => {
  await redis.set(keys.audit, 'no stream');
  await using api = await start();
  const answer = await ask(api, 'POST', '/v1/keys', undefined, { name: 'boss', scopes: ['admin'] });
  expect(answer.status).toBe(500);
  expect(JSON.stringify(answer.body)).not.toMatch(/weir_/);
});

test('a rate limit holds across two processes', async () => {
  const rate = { quota: 100, windowMs: 86_400_000 };
  const settings = { rate, keys: [{ name: 'ops', scopes: ['admin'] as const, hash: hashOf('the-secret-of-ops') }] };
  await using one = await start(settings);
  await using two = await start(settings);
  const status = async (api: ApiServer) => (await ask(api, 'GET', '/v1/siem', 'the-secret-of-ops')).status;
  for (let i = 0; i < 90; i++) expect(await status(one)).toBe(200);
  await until(async () => Number(await redis.hget(keys.rate('key', 'ops'), 't')) < 10.5);
  expect(await status(two)).toBe(200);
  // That request made the second process read the shared counts.
  await until(async () => Number(await redis.hget(keys.rate('key', 'ops'), 't')) < 9.5);
  let through = 0;
  while ((await status(two)) === 200) through += 1;
  expect(through).toBeLessThanOrEqual(9);
  await until(async () => (await status(one)) === 429);
});
