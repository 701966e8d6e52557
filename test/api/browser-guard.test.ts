import { describe, expect, it } from 'vitest';
import { buildApp } from '../../api/app.ts';
import { hashOf } from '../../engine/core/api-key.ts';
import { idleParts } from '../support/api.ts';

const send = async (method: 'GET' | 'POST', headers: Record<string, string>, keys = false) => {
  const parts = idleParts();
  const settings = keys ? [{ name: 'k', scopes: ['admin'] as const, hash: hashOf('0123456789abcdef') }] : [];
  const app = await buildApp(parts, { version: 'test', keys: settings });
  const url = method === 'GET' ? '/v1/alerts' : '/v1/events';
  const answer = await app.inject({
    method,
    url,
    headers: { 'content-type': 'text/plain', ...headers },
    ...(method === 'POST' ? { payload: '{"id":"a"}' } : {}),
  });
  return {
    status: answer.statusCode,
    code: answer.statusCode < 400 ? '' : (answer.json() as { code: string }).code,
    taken: parts.sink.packs.length,
  };
};

describe('without keys', () => {
  it.each(['localhost:8080', 'LOCALHOST', 'weir.localhost:8080', '127.0.0.1', '127.8.9.1:80', '[::1]:8080'])(
    'a program is served under %s, and a page of that address too',
    async (host) => {
      expect(await send('POST', { host })).toMatchObject({ status: 202, taken: 1 });
      expect(await send('POST', { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 202 });
      expect(await send('GET', { host, 'sec-fetch-site': 'none' })).toMatchObject({ status: 200 });
    },
  );

  it.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '[::2]',
    '127.0.0.1@evil.example',
    '0.0.0.0',
  ])('not under %j: a name that was made to mean this machine', async (host) => {
    for (const method of ['GET', 'POST'] as const)
      expect(await send(method, { host })).toEqual({ status: 403, code: 'foreign-host', taken: 0 });
  });

  it.each(['https://evil.example', 'http://localhost:3000', 'https://localhost:8080', 'http://127.0.0.1:8080', 'null', 'x', ''])(
    'no page of %j',
    async (origin) => {
      for (const method of ['GET', 'POST'] as const)
        expect(await send(method, { host: 'localhost:8080', origin })).toEqual({ status: 403, code: 'foreign-origin', taken: 0 });
    },
  );

  it.each(['cross-site', 'same-site'])('no form of a page that is %s, though it hides where it comes from', async (site) => {
    expect(await send('POST', { host: 'localhost:8080', 'sec-fetch-site': site })).toEqual({
      status: 403,
      code: 'foreign-origin',
      taken: 0,
    });
    // A link that somebody follows is nothing bad.
    expect(await send('GET', { host: 'localhost:8080', 'sec-fetch-site': site })).toMatchObject({ status: 200 });
  });
});

it('with keys the key decides, whatever the address: a proxy may stand in front', async () => {
  const headers = { host: 'weir.example', origin: 'https://weir.example' };
  expect(await send('POST', headers, true)).toMatchObject({ status: 401, taken: 0 });
  expect(await send('POST', { ...headers, authorization: 'Bearer 0123456789abcdef' }, true)).toMatchObject({ status: 202 });
});
