/**
 * A storm of requests whose clients leave: before the answer begins, in the middle of the body, and with a second request
 * waiting behind the first on the same connection. Every port answers only after all of them have gone, as when Redis pauses.
 * Afterwards every seat, lease, connection and byte that the process bounds must be available again.
 */
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp, type ApiParts } from '../../api/app.ts';
import { limits } from '../../engine/core/limits.ts';
import { alertOf, iso, noon } from '../support/alerts.ts';
import { idleParts } from '../support/api.ts';
import { until } from '../support/processes.ts';
import { rawConnect, readAnswer, isWhole } from '../support/raw-http.ts';
import { openStream } from '../support/sse.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

/** Every promise that a port gives waits for `gate` first. */
function behind<T extends object>(parts: T, gate: () => Promise<void>): T {
  const slow = (value: unknown): unknown => {
    if (typeof value === 'function') {
      return (...given: unknown[]) => {
        const answer: unknown = (value as (...all: unknown[]) => unknown)(...given);
        return answer instanceof Promise ? gate().then(() => answer) : answer;
      };
    }
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? behind(value, gate) : value;
  };
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, slow(value)])) as T;
}

/** A queue of which only the number of held leases is of interest. */
function leaseCounter() {
  const held = new Set<string>();
  let next = 0;
  const siem: ApiParts['siem'] = {
    ...idleParts().siem,
    lease: async () => {
      const lease = `lease-${next++}`;
      held.add(lease);
      return [{ lease, expires: iso(noon), alert: alertOf('a') }];
    },
    nack: async (leases) => {
      for (const one of leases) held.delete(one);
      return { done: leases, expired: [] };
    },
  };
  return { siem, held, leased: () => next };
}

type Paths = Record<string, Record<string, unknown>>;

/** One request of each operation, as text. */
async function requestsOf(server: FastifyInstance): Promise<string[]> {
  const document = (await server.inject('/openapi.json')).json<{ paths: Paths }>();
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => {
      const url = path.replace(/\{\w+\}/g, 'x');
      const body = ['get', 'delete', 'head'].includes(method) ? '' : '{}';
      const more = body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
      return `${method.toUpperCase()} ${url} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n${body}`;
    }),
  );
}

test('after requests to all routes were aborted, nothing that is bounded is missing', async () => {
  const { siem, held, leased } = leaseCounter();
  const gate = Promise.withResolvers<void>();
  const parts = behind({ ...idleParts(), siem }, () => gate.promise);
  let arrived = 0;
  app = await buildApp(parts, { version: 'test', stream: { streamClientsMax: 8, streamClientsPerKeyMax: 8 } });
  app.addHook('onRequest', async () => void (arrived += 1));
  const requests = await requestsOf(app);
  expect(requests.length).toBeGreaterThan(30);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}`;
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) => app!.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))));

  /** Sends a text, and leaves once as many requests have reached the routes. */
  async function leaveAfter(text: string | Buffer, requestsMin: number): Promise<void> {
    const before = arrived;
    const { socket, send } = await rawConnect(port);
    send(text);
    await until(() => arrived >= before + requestsMin);
    socket.destroy();
  }

  for (const text of requests) await leaveAfter(text, 1);
  for (const text of requests) await leaveAfter(text.slice(0, text.endsWith('{}') ? -1 : undefined), 1);
  const stream = 'GET /v1/alerts/stream HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (let i = 0; i < 40; i++) await leaveAfter(stream + stream, 1);
  // More than all bodies may hold together: so much that none of them may stay counted.
  const half = Buffer.alloc(limits.requestBytesMax - 1, ' ');
  const head = `POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${limits.requestBytesMax}\r\n\r\n`;
  for (let bytes = 0; bytes < 2 * limits.ingestBytesMax; bytes += half.length)
    await leaveAfter(Buffer.concat([Buffer.from(head), half]), 1);
  await until(async () => (await connections()) === 0);
  gate.resolve();

  const streams = await Promise.all(Array.from({ length: 8 }, () => openStream(`${base}/v1/alerts/stream`)));
  expect(streams.map(({ response }) => response.statusCode)).toEqual(Array.from({ length: 8 }, () => 200));
  for (const one of streams) one.close();
  expect(leased()).toBeGreaterThan(0);
  await until(() => held.size === 0);
  const whole = await rawConnect(port);
  whole.send(head);
  whole.send(Buffer.concat([Buffer.from('{"a":1}'), Buffer.alloc(limits.requestBytesMax - 7, ' ')]));
  expect(readAnswer(await whole.until(isWhole)).status).toBe(202);
  whole.socket.destroy();
  await until(async () => (await connections()) === 0);
});
