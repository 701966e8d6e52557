/** Requests that no well-behaved client sends, on raw sockets: each is answered or closed, nothing is written, and the server keeps working. */
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildApp, type ApiOptions } from '../../api/app.ts';
import { limits } from '../../engine/core/limits.ts';
import { idleParts, memorySink, type MemorySink } from '../support/api.ts';
import { isWhole, rawConnect, readAnswer } from '../support/raw-http.ts';

let sink: MemorySink;
let app: FastifyInstance;
let port: number;

async function open(options: Partial<ApiOptions> = {}): Promise<void> {
  sink = memorySink();
  app = await buildApp({ ...idleParts(), sink }, { version: 'test', ...options });
  await app.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = app.server.address() as AddressInfo);
}
beforeEach(() => open());
afterEach(async () => {
  // The server still works after each test. With its short request timeout it may miss one on a slow machine, hence the loop.
  let status = 408;
  while (status === 408) {
    const headers = { 'content-type': 'application/json' };
    ({ status } = await fetch(`http://127.0.0.1:${port}/v1/events`, { method: 'POST', body: '{"id":"after"}', headers }));
  }
  expect(status).toBe(202);
  await app.close();
});

const head = (headers: string, type = 'application/x-ndjson'): string =>
  `POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\n${headers}\r\n\r\n`;

describe('a malformed body', () => {
  test.each<[string, string]>([
    ['shorter than its Content-Length', `${head('content-length: 100')}{"id":1}\n`],
    ['chunked and cut off', `${head('transfer-encoding: chunked')}9\r\n{"id":1}\n\r\n`],
    ['cut off inside a chunk', `${head('transfer-encoding: chunked')}64\r\n{"id":1}\n`],
  ])('%s writes nothing when the client disconnects', async (_, bytes) => {
    const aborted = new Promise((resolve) => app.server.once('request', (request) => request.once('close', resolve)));
    const connection = await rawConnect(port);
    connection.send(bytes);
    await new Promise((resolve) => app.server.once('request', resolve));
    connection.socket.destroy();
    await aborted;
    expect(sink.packs).toEqual([]);
  });

  test('truncated gzip is refused, and the connection serves the next request', async () => {
    const connection = await rawConnect(port);
    const body = gzipSync('{"id":1}\n'.repeat(100)).subarray(0, 20);
    connection.send(Buffer.concat([Buffer.from(head(`content-encoding: gzip\r\ncontent-length: ${body.length}`)), body]));
    const first = await connection.until(isWhole);
    expect(readAnswer(first)).toMatchObject({ status: 400, body: { code: 'bad-gzip' } });
    connection.send(`${head('content-length: 9')}{"id":1}\n`);
    const both = await connection.until((text) => isWhole(text.slice(first.length)));
    expect(readAnswer(both.slice(first.length))).toMatchObject({ status: 202, body: { accepted: 1 } });
    connection.socket.destroy();
  });

  test('longer than its Content-Length is refused: the rest is not a request, and nothing is written', async () => {
    const connection = await rawConnect(port);
    connection.send(`${head('content-length: 9')}{"id":1}\n{"id":2}\n`);
    expect(readAnswer(await connection.closed())).toMatchObject({ status: 400, body: { code: 'bad-request' } });
    expect(sink.packs).toEqual([]);
  });
});

describe('an oversized body', () => {
  test('is refused before it is sent when its Content-Length is 10 GB', async () => {
    const connection = await rawConnect(port);
    connection.send(head('content-length: 10737418240'));
    expect(readAnswer(await connection.until(isWhole))).toMatchObject({ status: 413, body: { code: 'too-large' } });
    connection.socket.destroy();
  });

  test('in endless chunks is refused at the bound and closed soon after, with bounded memory', async () => {
    const connection = await rawConnect(port);
    connection.send(head('transfer-encoding: chunked'));
    const line = `{"pad":"${'x'.repeat(1000)}"}\n`;
    const piece = line.repeat(1000);
    const chunk = Buffer.from(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    const before = process.memoryUsage();
    let peak = 0;
    let sent = 0;
    while (!connection.socket.destroyed && sent < 10 * limits.requestBytesMax) {
      sent += chunk.length;
      if (!connection.socket.write(chunk)) await new Promise((resolve) => connection.socket.once('drain', resolve).once('close', resolve));
      const now = process.memoryUsage();
      peak = Math.max(peak, now.arrayBuffers - before.arrayBuffers);
    }
    expect(await connection.closed()).toContain('HTTP/1.1 413');
    expect(sent).toBeLessThan(10 * limits.requestBytesMax);
    expect(peak).toBeLessThan(8 * limits.requestBytesMax);
    expect(sink.packs).toEqual([]);
  });
});

describe('a slow client', () => {
  const slow = { timing: { requestTimeout: 600, checkingInterval: 50 } };
  beforeEach(async () => {
    await app.close();
    await open(slow);
  });

  /** Sends a byte at a time until the server gives up: a byte sent after that may cause a reset, and the answer would be lost. */
  async function drip(bytes: string): Promise<string> {
    const connection = await rawConnect(port);
    let at = 0;
    const timer = setInterval(() => {
      if (connection.socket.writable && at < bytes.length) connection.send(bytes[at++]!);
    }, 50);
    app.server.once('clientError', () => clearInterval(timer));
    const text = await connection.closed();
    clearInterval(timer);
    expect(at).toBeLessThan(bytes.length);
    return text;
  }

  test('times out while it sends its headers', async () => {
    expect(readAnswer(await drip(head('content-length: 9')))).toMatchObject({ status: 408, body: { code: 'request-timeout' } });
  });

  test('times out while it sends its body', async () => {
    const connection = await rawConnect(port);
    connection.send(`${head('content-length: 900')}{"id":1}\n`);
    const timer = setInterval(() => connection.socket.writable && connection.send(' '), 50);
    await connection.closed();
    clearInterval(timer);
    expect(sink.packs).toEqual([]);
  });
});

const longHeader = (length: number): string => head(`x-long: ${'x'.repeat(length)}\r\ncontent-length: 0`);
const manyHeaders = (count: number): string =>
  head(`${Array.from({ length: count }, (_, i) => `x-${i}: 1`).join('\r\n')}\r\ncontent-length: 0`);

describe('an invalid request', () => {
  test.each<[string, string, number, string]>([
    ['with two lengths', head('content-length: 9\r\ntransfer-encoding: chunked'), 400, 'bad-request'],
    ['with a length that is not a number', head('content-length: ten'), 400, 'bad-request'],
    ['with a header of 20 KB', longHeader(20_000), 431, 'header-too-large'],
    ['with 2,000 headers', manyHeaders(2000), 431, 'header-too-large'],
    ['with an unknown method', 'GRAB /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n', 400, 'bad-request'],
    ['that is not HTTP', '\x16\x03\x01\x02\x00\x01\x00', 400, 'bad-request'],
  ])('%s is refused', async (_, bytes, status, code) => {
    const connection = await rawConnect(port);
    connection.send(bytes);
    const text = await connection.closed();
    expect(readAnswer(text)).toMatchObject({ status, body: { code } });
    expect(sink.packs).toEqual([]);
  });

  test.each([
    ['with a header of 100 KB', longHeader(100_000)],
    ['with 10,000 headers', manyHeaders(10_000)],
  ])('%s ends the connection, though its client may see the reset before the answer', async (_, bytes) => {
    const connection = await rawConnect(port);
    connection.send(bytes);
    expect(await connection.closed()).toMatch(/^$|^HTTP\/1\.1 431 /);
    expect(sink.packs).toEqual([]);
  });

  test('with %00 or // in its path is not found', async () => {
    for (const url of ['/v1/events%00', '//v1/events', '/v1//events']) {
      expect((await fetch(`http://127.0.0.1:${port}${url}`, { method: 'POST', body: '{}' })).status).toBe(404);
    }
  });
});

test('accepts the event once when the client disconnects after a complete request', async () => {
  const connection = await rawConnect(port);
  const put = Promise.withResolvers<void>();
  const sinkPut = sink.put.bind(sink);
  sink.put = async (packs) => {
    connection.socket.destroy();
    const result = await sinkPut(packs);
    put.resolve();
    return result;
  };
  connection.send(`${head('content-length: 9')}{"id":1}\n`);
  await put.promise;
  expect(sink.events().map(({ id }) => id)).toEqual(['1']);
});
