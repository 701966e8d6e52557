import { describe, expect, it } from 'vitest';
import { buildApp } from '../../api/app.ts';
import { idleParts } from '../support/api.ts';

const keys = [
  { name: 'soc', secret: 'a-secret-of-the-soc' },
  { name: 'shipper', secret: 'another-secret-here' },
];
const guarded = ['/v1/alerts', '/v1/siem', '/v1/rules', '/v1/dead-letters', '/metrics', '/nothing-here'];

describe('with keys configured', () => {
  const app = buildApp(idleParts(), { version: 'test', keys });
  const get = async (url: string, authorization?: string) =>
    (await app).inject({ url, ...(authorization === undefined ? {} : { headers: { authorization } }) });

  it.each(guarded)('%s asks for one, and takes each', async (url) => {
    for (const wrong of [undefined, 'Bearer', 'Bearer ', 'Bearer wrong-secret-wrong', 'Basic a-secret-of-the-soc', 'a-secret-of-the-soc']) {
      const answer = await get(url, wrong);
      expect([answer.statusCode, answer.headers['www-authenticate'], answer.json().code]).toEqual([401, 'Bearer', 'unauthorized']);
      expect(answer.body).not.toContain('secret-of');
    }
    for (const { secret } of keys) expect((await get(url, `Bearer ${secret}`)).statusCode).not.toBe(401);
  });

  it('no event gets in without one', async () => {
    const parts = idleParts();
    const own = await buildApp(parts, { version: 'test', keys });
    const post = (headers: Record<string, string>) => own.inject({ method: 'POST', url: '/v1/events', payload: { id: 'a' }, headers });
    expect((await post({})).statusCode).toBe(401);
    expect(parts.sink.packs).toHaveLength(0);
    expect((await post({ authorization: 'Bearer another-secret-here' })).statusCode).toBe(202);
  });

  it.each(['/healthz', '/readyz', '/openapi.json'])('%s is open to probes', async (url) => {
    expect((await get(url)).statusCode).not.toBe(401);
  });
});

it('without keys nobody is asked', async () => {
  const app = await buildApp(idleParts(), { version: 'test' });
  for (const url of guarded) expect((await app.inject({ url })).statusCode).not.toBe(401);
});
