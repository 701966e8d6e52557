/** Every error is a problem, whichever route it comes from. */
import { describe, expect, test } from 'vitest';
import { refusedProblem } from '../../../api/http/refused.ts';
import { problem } from '../../../api/schemas/problem.ts';
import { get, inject, open } from '../app.support.ts';

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
    const response = await inject({ method, url });
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

  test('a refusal says that nothing was accepted only where that is certain', () => {
    const refusal = { kind: 'refused', because: 'away', retryAfterSeconds: 2, detail: 'Redis is not reachable' } as const;
    expect(refusedProblem(refusal).message).toContain('nothing was accepted');
    expect(refusedProblem({ ...refusal, doubtful: true }).message).toMatch(
      /whether the events were accepted is not known: send the same again in 2 s/,
    );
  });

  test('a store that is away is 503 with Retry-After, and no bug', async () => {
    const refusal = { kind: 'refused', because: 'away', retryAfterSeconds: 2, detail: 'Redis is not reachable' } as const;
    await open({ alerts: { search: () => Promise.reject(new Error('x')), get: async () => undefined }, refusalOf: () => refusal });
    const response = await get('/v1/alerts');
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2']);
  });
});
