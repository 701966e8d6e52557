import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../../api/app.ts';
import { accepted as acceptedSchema } from '../../../api/schemas/event.ts';
import { problem as problemSchema } from '../../../api/schemas/problem.ts';
import { limits } from '../../../engine/core/limits.ts';
import { type Meter, silent } from '../../../engine/runtime/metering/meter.ts';
import { idleParts, memorySink, receivedMs, type MemorySink } from '../../support/api.ts';
import { until } from '../../support/processes.ts';

let sink: MemorySink;
let app: FastifyInstance;
let counted: string[];

beforeEach(async () => {
  sink = memorySink();
  counted = [];
  const meter: Meter = {
    ...silent,
    add: (name, by = 1) => void counted.push(`${name} ${by}`),
    addTo: (name, label, by = 1) => void counted.push(`${name} ${label} ${by}`),
  };
  app = await buildApp({ ...idleParts(), sink, meter }, { version: 'test' });
});
afterEach(() => app.close());

type Headers = Record<string, string>;

async function post(payload: string | Buffer, headers: Headers = { 'content-type': 'application/json' }, query = '') {
  const response = await app.inject({ method: 'POST', url: `/v1/events${query}`, payload, headers });
  const body = response.json<{
    code?: string;
    accepted?: number;
    rejected?: number;
    errors?: { index: number; code: string }[];
    limit?: number;
    detail?: string;
    request_id?: string;
  }>();
  if (response.statusCode === 202) acceptedSchema.parse(body);
  else {
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ status: response.statusCode, request_id: response.headers['x-request-id'] });
    problemSchema.parse(body);
  }
  return { status: response.statusCode, headers: response.headers, body };
}

describe('an accepted request', () => {
  test('puts its events into the sink with id, time and dataset', async () => {
    const payload = '{"id":"a","time":"2026-01-01T00:00:00Z","event.dataset":"logins"}\n{"x":1}';
    expect(await post(payload)).toMatchObject({ status: 202, body: { accepted: 2, rejected: 0, errors: [] } });
    const [first, second] = sink.events();
    expect(first).toMatchObject({ id: 'a', time: Date.parse('2026-01-01T00:00:00Z'), dataset: 'logins', tags: [] });
    expect(second).toMatchObject({ time: receivedMs, dataset: 'default', tags: ['time_inferred', 'id_inferred'] });
    expect(second?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(second!.id.replace('-', '').slice(0, 12), 16)).toBe(receivedMs);
    expect(counted).toEqual(['accepted 2', 'tagged time_inferred 1', 'tagged id_inferred 1']);
  });

  test.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON; charset="UTF-8"',
    'application/x-ndjson',
    'application/x-ndjson; charset=utf-8',
    'application/ndjson',
    'application/cloudevents+json',
    'application/vnd.elasticsearch+json; compatible-with=8',
    'text/plain',
    'text/plain;charset=UTF-8',
  ])('may have the content type %s', async (type) => {
    expect(await post('{"id":1}\n{"id":2}', { 'content-type': type })).toMatchObject({ status: 202, body: { accepted: 2 } });
  });

  test('needs no content type', async () => expect(await post('{"id":1}', {})).toMatchObject({ status: 202 }));

  test.each(['gzip', 'x-gzip', 'GZIP'])('may have the content encoding %s', async (encoding) => {
    expect(await post(gzipSync('{"id":1}\n{"id":2}'), { 'content-type': 'application/json', 'content-encoding': encoding })).toMatchObject({
      status: 202,
      body: { accepted: 2 },
    });
  });

  test('gives its dataset to events without one', async () => {
    await post('{"id":1}\n{"id":2,"event":{"dataset":"own"}}', undefined, '?dataset=feed.a');
    expect(sink.events().map(({ dataset }) => dataset)).toEqual(['feed.a', 'own']);
  });

  test('infers ids from Idempotency-Key and index, the same when it is sent again', async () => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': '"batch-7"' };
    await post('{"x":1}\n{"id":"own"}\n{"x":1}', headers);
    await post('{"x":1}\n{"id":"own"}\n{"x":1}', headers);
    expect(sink.events().map(({ id }) => id)).toEqual(['batch-7:0', 'own', 'batch-7:2', 'batch-7:0', 'own', 'batch-7:2']);
  });

  test('may be an empty array', async () => {
    expect(await post('[]')).toMatchObject({ status: 202, body: { accepted: 0, rejected: 0 } });
    expect(sink.packs).toEqual([]);
  });

  test('keeps keys such as __proto__ as data, without prototype pollution', async () => {
    await post('{"id":1,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\n{"id":2}');
    const [event] = sink.events();
    expect(Object.keys(event!.raw)).toEqual(['id', '__proto__', 'constructor']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('a partly invalid request', () => {
  test('has its valid events accepted', async () => {
    const { status, body } = await post('{"id":1}\n{"id":2,}\n{"id":9007199254740993}\n{"id":3,"time":"soon"}\n[1]');
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1, rejected: 4 });
    expect(body.errors?.map(({ index, code }) => `${index} ${code}`)).toEqual([
      '1 invalid-json',
      '2 unsafe-integer',
      '3 bad-time',
      '4 not-an-object',
    ]);
    expect(counted).toContain('rejected unsafe-integer 1');
  });

  test('is a problem with the same members if no event is valid', async () => {
    expect(await post('x\ny', { 'content-type': 'application/x-ndjson' })).toMatchObject({
      status: 400,
      body: {
        code: 'all-rejected',
        accepted: 0,
        rejected: 2,
        errors: [{ index: 0, code: 'invalid-json', line: 1, column: 1 }, { index: 1 }],
      },
    });
  });
});

describe('a refused request', () => {
  test.each<[string, string | Buffer, Headers, number, string]>([
    ['an empty body', '', { 'content-type': 'application/json' }, 400, 'empty-body'],
    ['an empty body without a type', '', {}, 400, 'empty-body'],
    ['blank lines', '\n\n', { 'content-type': 'application/x-ndjson' }, 400, 'empty-body'],
    ['a truncated array', '[{"id":1},{"id":2', { 'content-type': 'application/json' }, 400, 'invalid-json'],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['protobuf', 'x', { 'content-type': 'application/x-protobuf' }, 415, 'unsupported-media-type'],
    ['another charset', '{}', { 'content-type': 'application/json; charset=iso-8859-1' }, 415, 'unsupported-media-type'],
    ['another encoding', '{}', { 'content-type': 'application/json', 'content-encoding': 'br' }, 415, 'unsupported-media-type'],
    ['plain text declared as gzip', '{}', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 400, 'bad-gzip'],
    [
      'truncated gzip',
      gzipSync('{"id":1}'.repeat(99)).subarray(0, 30),
      { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      400,
      'bad-gzip',
    ],
    ['an invalid Idempotency-Key', '{}', { 'idempotency-key': 'x'.repeat(300) }, 400, 'bad-idempotency-key'],
  ])('%s', async (_, payload, headers, status, code) => {
    expect(await post(payload, headers)).toMatchObject({ status, body: { code } });
    expect(sink.packs).toEqual([]);
  });

  test('has an invalid dataset or an unknown parameter', async () => {
    expect(await post('{}', undefined, '?dataset=')).toMatchObject({
      status: 400,
      body: { code: 'bad-dataset', errors: [{ pointer: '/query/dataset' }] },
    });
    expect(await post('{}', undefined, '?datset=x')).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', errors: [{ pointer: '/query/datset' }] },
    });
  });

  test('is over the limit, which the answer names', async () => {
    const line = `{"pad":"${'x'.repeat(60_000)}"}\n`;
    const body = line.repeat(limits.requestBytesMax / line.length + 1);
    expect(await post(body)).toMatchObject({ status: 413, body: { code: 'too-large', limit: limits.requestBytesMax } });
    expect(await post('{"id":1}\n'.repeat(limits.requestEventsMax + 1))).toMatchObject({
      status: 413,
      body: { code: 'too-many-events', limit: limits.requestEventsMax },
    });
    expect(sink.packs).toEqual([]);
    expect(counted).toEqual(['turnedAway too-large 1', 'turnedAway too-large 1']);
  });

  test('is a gzip bomb, refused before it is fully decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, 32));
    expect(bomb.length).toBeLessThan(60_000);
    const before = process.memoryUsage().arrayBuffers;
    expect(await post(bomb, { 'content-type': 'application/json', 'content-encoding': 'gzip' })).toMatchObject({
      status: 413,
      body: { code: 'too-large' },
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * limits.requestBytesMax);
  });
});

describe('while the store cannot accept events, the answer names the reason', () => {
  test.each<['backlog' | 'full' | 'away', number, string]>([
    ['backlog', 429, 'backlog'],
    ['full', 503, 'redis-full'],
    ['away', 503, 'redis-away'],
  ])('%s', async (because, status, code) => {
    sink.close({ kind: 'refused', because, retryAfterSeconds: 3, detail: 'no' });
    expect(await post('{"id":1}')).toMatchObject({ status, headers: { 'retry-after': '3' }, body: { code } });
    expect(counted).toEqual([`turnedAway ${code} 1`]);
    sink.close(undefined);
    expect(await post('{"id":1}')).toMatchObject({ status: 202 });
  });
});

test('bounds the bodies of all requests together; a request over the bound can be retried when others are done', async () => {
  const line = `{"pad":"${'x'.repeat(60_000)}"}\n`;
  const body = gzipSync(line.repeat(Math.floor((limits.requestBytesMax - 100_000) / line.length)));
  const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' };
  const held = Promise.withResolvers<void>();
  let writing = 0;
  const put = sink.put.bind(sink);
  sink.put = async (packs) => {
    writing += 1;
    await held.promise;
    return put(packs);
  };
  const fit = Math.floor(limits.ingestBytesMax / limits.requestBytesMax);
  const others = Array.from({ length: fit }, () => post(body, headers));
  await until(() => writing === fit);
  expect(await post(body, headers)).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { code: 'busy' } });
  expect(counted.filter((what) => what.startsWith('turnedAway'))).toEqual(['turnedAway busy 1']);
  held.resolve();
  expect((await Promise.all(others)).map(({ status }) => status)).toEqual(others.map(() => 202));
  expect(await post(body, headers)).toMatchObject({ status: 202 });
});
