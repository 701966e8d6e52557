import { describe, expect, it } from 'vitest';
import { buildApp } from '../../../api/app.ts';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { idleParts } from '../../support/api.ts';

const send = async (
  method: 'GET' | 'HEAD' | 'POST',
  headers: Record<string, string>,
  { keys = false, url = method === 'POST' ? '/v1/events' : '/v1/alerts' } = {},
) => {
  const parts = idleParts();
  const settings = keys ? [{ name: 'k', scopes: ['admin'] as const, hash: hashOf('0123456789abcdef') }] : [];
  const app = await buildApp(parts, { version: 'test', keys: settings });
  const answer = await app.inject({
    method,
    url,
    headers: { 'content-type': 'text/plain', ...headers },
    ...(method === 'POST' ? { payload: '{"id":"a"}' } : {}),
  });
  return {
    status: answer.statusCode,
    code: answer.statusCode < 400 || method === 'HEAD' ? '' : (answer.json() as { code: string }).code,
    taken: parts.sink.packs.length,
  };
};

describe('without keys', () => {
  it.each(['localhost:8080', 'LOCALHOST', 'weir.localhost:8080', '127.0.0.1', '127.8.9.1:80', '[::1]:8080'])(
    'serves programs under %s, and pages of that address',
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
  ])('refuses the host %j, which may resolve to this machine', async (host) => {
    for (const method of ['GET', 'POST'] as const)
      expect(await send(method, { host })).toEqual({ status: 403, code: 'foreign-host', taken: 0 });
  });

  it.each(['https://evil.example', 'http://localhost:3000', 'https://localhost:8080', 'http://127.0.0.1:8080', 'null', 'x', ''])(
    'refuses pages of the origin %j',
    async (origin) => {
      for (const method of ['GET', 'POST'] as const)
        expect(await send(method, { host: 'localhost:8080', origin })).toEqual({ status: 403, code: 'foreign-origin', taken: 0 });
    },
  );

  it.each(['cross-site', 'same-site'])('refuses a form of a %s page that hides its origin', async (site) => {
    expect(await send('POST', { host: 'localhost:8080', 'sec-fetch-site': site })).toEqual({
      status: 403,
      code: 'foreign-origin',
      taken: 0,
    });
  });

  describe.each(['cross-site', 'same-site'])('for a %s page', (site) => {
    const from = (mode: string, dest: string) => ({
      host: 'localhost:8080',
      'sec-fetch-site': site,
      'sec-fetch-mode': mode,
      'sec-fetch-dest': dest,
    });

    it.each(['/', '/v1/alerts', '/metrics', '/openapi.json'])('following a link to %s opens it', async (url) => {
      expect(await send('GET', from('navigate', 'document'), { url })).toMatchObject({ status: 200 });
    });

    it.each([
      ['/', 'navigate', 'iframe'],
      ['/', 'no-cors', 'image'],
      ['/v1/alerts', 'no-cors', 'script'],
      ['/v1/alerts', 'navigate', 'object'],
      ['/v1/alerts/stream', 'no-cors', 'audio'],
      ['/metrics', 'no-cors', 'empty'],
      ['/openapi.json', 'cors', 'empty'],
      ['/healthz', 'no-cors', 'style'],
      ['/nothing/here', 'no-cors', 'image'],
    ])('%s cannot be loaded into it (%s, %s)', async (url, mode, dest) => {
      expect(await send('GET', from(mode, dest), { url })).toEqual({ status: 403, code: 'foreign-origin', taken: 0 });
      expect(await send('HEAD', from(mode, dest), { url })).toMatchObject({ status: 403 });
    });

    it('submitting a form is refused', async () => {
      expect(await send('POST', from('navigate', 'document'))).toEqual({ status: 403, code: 'foreign-origin', taken: 0 });
    });

    it('a request without Sec-Fetch-Mode and Sec-Fetch-Dest is refused', async () => {
      expect(await send('GET', { host: 'localhost:8080', 'sec-fetch-site': site })).toMatchObject({ status: 403 });
    });
  });
});

it('with keys, any host and origin is served: there may be a proxy', async () => {
  const headers = { host: 'weir.example', origin: 'https://weir.example' };
  expect(await send('POST', headers, { keys: true })).toMatchObject({ status: 401, taken: 0 });
  expect(await send('POST', { ...headers, authorization: 'Bearer 0123456789abcdef' }, { keys: true })).toMatchObject({ status: 202 });
});
