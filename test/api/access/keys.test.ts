import { describe, expect, it } from 'vitest';
import { buildApp } from '../../../api/app.ts';
import { hashOf, type ApiKey } from '../../../engine/core/access/api-key.ts';
import { type Meter, silent } from '../../../engine/runtime/metering/meter.ts';
import { idleParts, receivedMs } from '../../support/api.ts';

const key = (name: string, scopes: ApiKey['scopes'], more: Partial<ApiKey> = {}): ApiKey & { secret: string } => ({
  name,
  scopes,
  secret: `a-secret-of-the-${name}`,
  hash: hashOf(`a-secret-of-the-${name}`),
  ...more,
});
const keys = [
  key('boss', ['admin']),
  key('soc', ['read', 'triage']),
  key('shipper', ['ingest']),
  key('siem', ['siem']),
  key('gone', ['admin'], { revoked: receivedMs - 1 }),
  key('old', ['admin'], { expires: receivedMs }),
  key('young', ['read'], { expires: receivedMs + 1 }),
];
const guarded = ['/v1/alerts', '/v1/siem', '/v1/rules', '/v1/dead-letters', '/metrics', '/v1/keys', '/v1/audit', '/nothing-here'];
const open = ['/healthz', '/readyz', '/openapi.json'];

/** A meter that remembers what was counted with a label. */
function counting(): { meter: Meter; counts: Record<string, number> } {
  const counts: Record<string, number> = {};
  const addTo: Meter['addTo'] = (counter, label, by = 1) =>
    void (counts[`${counter} ${label}`] = (counts[`${counter} ${label}`] ?? 0) + by);
  return { meter: { ...silent, addTo }, counts };
}

describe('with keys configured', () => {
  const { meter, counts } = counting();
  const app = buildApp({ ...idleParts(), meter }, { version: 'test', keys });
  const get = async (url: string, authorization?: string) =>
    (await app).inject({ url, ...(authorization === undefined ? {} : { headers: { authorization } }) });

  it.each(guarded)('%s requires one', async (url) => {
    const wrong: [string | undefined, string, string][] = [
      [undefined, 'no-key', 'Bearer'],
      ['Bearer', 'malformed-key', 'Bearer error="invalid_token"'],
      ['Bearer ', 'malformed-key', 'Bearer error="invalid_token"'],
      ['Basic a-secret-of-the-boss', 'malformed-key', 'Bearer error="invalid_token"'],
      ['a-secret-of-the-boss', 'malformed-key', 'Bearer error="invalid_token"'],
      ['Bearer a-secret-of-the-boss x', 'malformed-key', 'Bearer error="invalid_token"'],
      [`Bearer ${'x'.repeat(10_000)}`, 'malformed-key', 'Bearer error="invalid_token"'],
      ['Bearer a-secret-of-the-bos', 'unknown-key', 'Bearer error="invalid_token"'],
      ['Bearer a-secret-of-the-boss-', 'unknown-key', 'Bearer error="invalid_token"'],
      [`Bearer ${keys[0]!.hash}`, 'unknown-key', 'Bearer error="invalid_token"'],
      ['Bearer a-secret-of-the-gone', 'revoked-key', 'Bearer error="invalid_token"'],
      ['Bearer a-secret-of-the-old', 'expired-key', 'Bearer error="invalid_token"'],
    ];
    for (const [authorization, reason, challenge] of wrong) {
      const before = counts[`refused ${reason}`] ?? 0;
      const answer = await get(url, authorization);
      expect([answer.statusCode, answer.headers['www-authenticate'], answer.json().code]).toEqual([401, challenge, 'unauthorized']);
      expect(counts[`refused ${reason}`]).toBe(before + 1);
    }
    expect((await get(url, 'Bearer a-secret-of-the-boss')).statusCode).toBe(url === '/nothing-here' ? 404 : 200);
    expect((await get(url, 'bearer  a-secret-of-the-boss')).statusCode).toBe(url === '/nothing-here' ? 404 : 200);
  });

  it.each(open)('%s is open to probes', async (url) => {
    expect((await get(url)).statusCode).toBe(200);
  });

  it('names the missing scope, and counts the refusal', async () => {
    const answer = await get('/v1/audit', 'Bearer a-secret-of-the-soc');
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'missing-scope', required_scope: 'admin' });
    expect(answer.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="admin"');
    expect(counts['refused missing-scope']).toBe(1);
    expect((await get('/v1/alerts', 'Bearer a-secret-of-the-young')).statusCode).toBe(200);
  });

  it('accepts events only with a key that has the scope', async () => {
    const parts = idleParts();
    const own = await buildApp(parts, { version: 'test', keys });
    const post = (headers: Record<string, string>) => own.inject({ method: 'POST', url: '/v1/events', payload: { id: 'a' }, headers });
    expect((await post({})).statusCode).toBe(401);
    expect((await post({ authorization: 'Bearer a-secret-of-the-siem' })).statusCode).toBe(403);
    expect(parts.sink.packs).toHaveLength(0);
    expect((await post({ authorization: 'Bearer a-secret-of-the-shipper' })).statusCode).toBe(202);
  });
});

describe('every route', () => {
  type Operation = { security: Record<string, string[]>[]; responses: Record<string, unknown> };
  const scopesOf = async (): Promise<[method: string, url: string, scope: string | undefined][]> => {
    const document = (await (await buildApp(idleParts(), { version: 'test' })).inject({ url: '/openapi.json' })).json() as {
      paths: Record<string, Record<string, Operation>>;
    };
    return Object.entries(document.paths).flatMap(([url, operations]) =>
      Object.entries(operations).map(([method, { security }]): [string, string, string | undefined] => [
        method.toUpperCase(),
        url.replace(/\{\w+\}/g, 'x'),
        security[0]?.['key']?.[0],
      ]),
    );
  };

  it('requires exactly the scope that OpenAPI lists; only the probes list none', async () => {
    const routes = await scopesOf();
    expect(routes.length).toBeGreaterThan(15);
    expect(routes.filter(([, , scope]) => scope === undefined).map(([, url]) => url)).toEqual(['/healthz', '/readyz']);
    for (const [method, url, scope] of routes.filter(([, , needed]) => needed !== undefined)) {
      const own = ['ingest', 'read', 'triage', 'siem', 'admin'].map((name) => key(name, [name as ApiKey['scopes'][number]]));
      const app = await buildApp(idleParts(), { version: 'test', keys: own });
      const statusWith = async (secret?: string): Promise<number> => {
        const headers = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
        // As a stream: one of them stays open until the app is closed.
        return (await app.inject({ method: method as 'GET', url, headers, payloadAsStream: true })).statusCode;
      };
      expect([url, await statusWith()]).toEqual([url, 401]);
      for (const { name, secret } of own) {
        const status = await statusWith(secret);
        if (name === scope || name === 'admin') expect([401, 403], `${method} ${url} with ${name}`).not.toContain(status);
        else expect(status, `${method} ${url} with ${name}`).toBe(403);
      }
      await app.close();
    }
  });

  it('without a scope fails to register, except for the open ones', async () => {
    const app = await buildApp(idleParts(), { version: 'test' });
    expect(() => app.get('/v1/new', async () => ({}))).toThrow('the route /v1/new declares no scope');
    expect(() => app.post('/consoles', async () => ({}))).toThrow('declares no scope');
    app.get('/v1/newer', { config: { scope: 'read' } }, async () => ({}));
    app.get('/console/*', async () => ({}));
  });

  it('documents in OpenAPI how to authenticate, and the answers of the gate', async () => {
    const app = await buildApp(idleParts(), { version: 'test' });
    const document = (await app.inject({ url: '/openapi.json' })).json();
    expect(document.components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' });
    const { post } = document.paths['/v1/siem/lease'];
    expect(post.security).toEqual([{ key: ['siem'] }]);
    expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(['200', '401', '403', '429']));
    expect(post.responses['403'].content).toHaveProperty(['application/problem+json']);
    expect(document.paths['/healthz'].get.security).toEqual([]);
  });
});

describe('keys in Redis', () => {
  const appWith = async (stored: readonly ApiKey[] | undefined, settings: readonly ApiKey[] = []) =>
    buildApp({ ...idleParts(), keys: { current: () => stored, refresh: async () => undefined } }, { version: 'test', keys: settings });
  const status = async (app: Awaited<ReturnType<typeof appWith>>, secret?: string): Promise<number> =>
    (await app.inject({ url: '/v1/alerts', headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` } })).statusCode;

  it('count like those of the settings, and close the API even when revoked or expired', async () => {
    expect(await status(await appWith([]))).toBe(200);
    const app = await appWith([key('soc', ['read'])]);
    expect([await status(app), await status(app, 'a-secret-of-the-soc')]).toEqual([401, 200]);
    expect(await status(await appWith([key('soc', ['read'], { revoked: 1 })]))).toBe(401);
    expect(await status(await appWith([key('soc', ['read'], { expires: 1 })]))).toBe(401);
  });

  it('once required, are required until the process ends, also when they vanish with the data of Redis', async () => {
    let stored: readonly ApiKey[] = [];
    const ring = { current: () => stored, refresh: async () => undefined };
    const app = await buildApp({ ...idleParts(), keys: ring }, { version: 'test' });
    expect(await status(app)).toBe(200);
    stored = [key('soc', ['read'])];
    expect(await status(app)).toBe(401);
    stored = [];
    expect([await status(app), await status(app, 'a-secret-of-the-soc')]).toEqual([401, 401]);
  });

  it('that have not been read yet leave only the keys of the settings valid', async () => {
    const app = await appWith(undefined, [key('boss', ['admin'])]);
    expect([await status(app, 'a-secret-of-the-boss'), await status(app, 'a-secret-of-the-soc')]).toEqual([200, 503]);
    expect(await status(await appWith(undefined), 'a-secret-of-the-soc')).toBe(503);
    expect(await status(await appWith(undefined))).toBe(503);
  });
});

it('without keys, no request needs one', async () => {
  const app = await buildApp(idleParts(), { version: 'test' });
  for (const url of guarded) expect((await app.inject({ url })).statusCode).not.toBe(401);
});
