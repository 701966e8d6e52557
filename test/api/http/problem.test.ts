/** Every error is a problem, whichever route it comes from. */
import { describe, expect, test } from 'vitest';
import { refusedProblem } from '../../../api/http/refused.ts';
import { problem } from '../../../api/schemas/problem.ts';
import { get, inject, open } from '../app.support.ts';

describe('every error is a problem', () => {
  test.each<[string, 'GET' | 'DELETE' | 'PUT', string, number, string]>([
    ['an unknown path', 'GET', '/nothing', 404, 'not-found'],
    ['a method that is not allowed', 'DELETE', '/v1/events', 405, 'method-not-allowed'],
    ['a method that is not allowed, with an id', 'PUT', '/v1/alerts/al_1', 405, 'method-not-allowed'],
    ['a malformed path', 'GET', '/%zz', 400, 'bad-address'],
    ['path traversal', 'GET', '/v1/../../etc/passwd', 404, 'not-found'],
    ['an id that is too long', 'GET', `/v1/alerts/${'x'.repeat(300)}`, 400, 'invalid-request'],
  ])('%s', async (_, method, url, status, code) => {
    await open();
    const response = await inject({ method, url });
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(problem.parse(response.json())).toMatchObject({ status, code });
    if (status === 405) expect(response.headers['allow']).toMatch(/GET|POST/);
  });

  test('a bug shows its request id and nothing of its message', async () => {
    await open({ alerts: { search: () => Promise.reject(new Error('secret path /etc/x')), get: async () => undefined } });
    const response = await get('/v1/alerts');
    expect(response.json()).toMatchObject({ status: 500, code: 'internal-error', request_id: response.headers['x-request-id'] });
    expect(response.body).not.toContain('secret');
  });

  test('a refusal says that nothing was accepted only where that is certain', () => {
    const refusal = { kind: 'refused', because: 'away', retryAfterSeconds: 2, detail: 'Redis is not reachable' } as const;
    expect(refusedProblem(refusal).message).toContain('nothing was accepted');
    expect(refusedProblem({ ...refusal, doubtful: true }).message).toMatch(/the events may or may not have been accepted: retry in 2 s/);
  });

  test('an unavailable store is answered with 503 and Retry-After', async () => {
    const refusal = { kind: 'refused', because: 'away', retryAfterSeconds: 2, detail: 'Redis is not reachable' } as const;
    await open({ alerts: { search: () => Promise.reject(new Error('x')), get: async () => undefined }, refusalOf: () => refusal });
    const response = await get('/v1/alerts');
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2']);
  });
});
