/** Requests at the edge of HTTP, on real sockets: a user or a proxy sends them, and gets an answer that says what is wrong. */
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../../api/app.ts';
import { idleParts } from '../../support/api.ts';
import { isWhole, rawConnect } from '../../support/raw-http.ts';

let app: FastifyInstance;
beforeEach(async () => {
  app = await buildApp(idleParts(), { version: 'test' });
  await app.listen({ port: 0, host: '127.0.0.1' });
});
afterEach(() => app.close());

async function ask(text: string): Promise<string> {
  const { socket, send, until } = await rawConnect((app.server.address() as AddressInfo).port);
  send(text.replaceAll('\n', '\r\n'));
  const answer = await until(isWhole);
  socket.destroy();
  return answer;
}

it.each([
  ['two Host headers', 'GET /v1/alerts HTTP/1.1\nHost: a\nHost: b\n\n', 400, 'bad-request'],
  ['no Host header', 'GET /v1/alerts HTTP/1.1\n\n', 400, 'bad-request'],
  ['another expectation', 'POST /v1/events HTTP/1.1\nHost: a\nExpect: 200-maybe\nContent-Length: 2\n\n{}', 417, 'expectation-failed'],
])('%s: a problem', async (_what, request, status, code) => {
  const answer = await ask(request);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toContain('content-type: application/problem+json');
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ status, code });
});

it('HTTP/1.0 needs no Host header', async () => {
  expect(await ask('GET /healthz HTTP/1.0\n\n')).toMatch(/^HTTP\/1.1 200 /);
});

it.each([
  ['DELETE', '/v1/webhooks/none', 404],
  ['POST', '/v1/siem/lease', 200],
  ['POST', '/v1/webhooks/none/test', 404],
])('%s %s: an empty body is no body, whatever its content-type', async (method, url, status) => {
  const answer = await app.inject({ method: method as 'POST', url, headers: { 'content-type': 'application/json' } });
  expect(answer.statusCode).toBe(status);
});

it('an empty body is still an error where one is needed', async () => {
  const answer = await app.inject({ method: 'POST', url: '/v1/siem/ack', headers: { 'content-type': 'application/json' } });
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'empty-body']);
});

it.each(['"0"', 'W/"0"', '*'])('If-Match: %s names the first revision', async (tag) => {
  const change = { payload: { status: 'acknowledged' }, headers: { 'if-match': tag } };
  // Past the check of the header: the alert does not exist.
  expect((await app.inject({ method: 'PATCH', url: '/v1/alerts/al_x', ...change })).statusCode).toBe(404);
});

it.each(['/healthz', '/v1/alerts', '/v1/none', '/metrics'])('%s must not be sniffed', async (url) => {
  expect((await app.inject(url)).headers['x-content-type-options']).toBe('nosniff');
});
