/** `POST /v1/events` on a real Redis that is killed, restarted, and sent a thousand requests at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildApp } from '../../api/app.ts';
import { noDatasets } from '../support/datasets.ts';
import { limits } from '../../engine/core/limits.ts';
import { unpack } from '../../engine/core/decode/unpack.ts';
import { connect, type Redis } from '../../engine/redis/connection.ts';
import { openSink, type RedisSink } from '../../engine/redis/ingest/ingest.ts';
import { keys } from '../../engine/redis/keys.ts';
import { idleParts } from '../support/api.ts';
import { until } from '../support/processes.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;
let redis: Redis;
let sink: RedisSink;
let app: FastifyInstance;

beforeEach(async () => {
  server = await startRedis({ appendonly: 'yes', appendfsync: 'always' });
  redis = connect(server.url, 'test');
  redis.on('error', () => undefined);
  sink = openSink(server.url, { refreshMs: 20, waitMs: 60_000 });
  app = await buildApp({ ...idleParts(), sink }, { version: 'test' });
  await until(() => sink.refusal() === undefined);
});
afterEach(async () => {
  await app.close();
  await sink[Symbol.asyncDispose]();
  redis.disconnect();
  await server.stop();
});

const post = (payload: string) =>
  app.inject({ method: 'POST', url: '/v1/events', payload, headers: { 'content-type': 'application/x-ndjson' } });

async function storedIds(): Promise<string[]> {
  const ids: string[] = [];
  for (let shard = 0; shard < limits.shards; shard++) {
    for (const [, [, text = '']] of await redis.xrange(keys.events(shard), '-', '+')) {
      ids.push(...unpack(text, { shard, ms: 0, seq: 0 }, noDatasets).located.map(({ event }) => event.id));
    }
  }
  return ids;
}
const acceptedCount = async (): Promise<number> => {
  let sum = 0;
  for (let shard = 0; shard < limits.shards; shard++) sum += Number(await redis.hget(keys.stats(shard), 'accepted'));
  return sum;
};

test('answers 503 at once when Redis is killed, loses no acknowledged event, and recovers by itself', async () => {
  const acknowledged: string[] = [];
  const statuses = new Set<number>();
  let running = true;
  let next = 0;
  const client = async (): Promise<void> => {
    while (running) {
      const ids = Array.from({ length: 5 }, () => `e${next++}`);
      const response = await post(ids.map((id) => `{"id":"${id}"}`).join('\n'));
      statuses.add(response.statusCode);
      if (response.statusCode === 202) acknowledged.push(...ids);
      else {
        expect(response.headers['retry-after']).toBeDefined();
        await sleep(5);
      }
    }
  };
  const clients = Promise.all([client(), client(), client()]);
  for (let round = 0; round < 2; round++) {
    const before = acknowledged.length;
    await until(() => acknowledged.length > before + 200);
    await server.kill('SIGKILL');
    await until(async () => (await app.inject({ url: '/readyz' })).statusCode === 503);
    await server.start();
    await until(() => sink.refusal() === undefined);
  }
  const before = acknowledged.length;
  await until(() => acknowledged.length > before + 50);
  running = false;
  await clients;
  expect([...statuses].toSorted()).toEqual([202, 503]);
  const stored = await storedIds();
  const there = new Set(stored);
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
  expect(await acceptedCount()).toBe(stored.length);
});

test('accepts the same event a thousand times at once, each time with the same identity', async () => {
  const responses = await Promise.all(Array.from({ length: 1000 }, () => post('{"id":"same","time":"2026-01-01T00:00:00Z"}')));
  expect(new Set(responses.map(({ statusCode }) => statusCode))).toEqual(new Set([202]));
  const stored = await storedIds();
  expect(stored).toHaveLength(1000);
  expect(new Set(stored)).toEqual(new Set(['same']));
  expect(await acceptedCount()).toBe(1000);
});

test('writes a large request as few stream entries', async () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `{"id":"${i}","pad":"${'x'.repeat(200)}"}`);
  expect((await post(lines.join('\n'))).json()).toMatchObject({ accepted: 10_000 });
  const lengths = await Promise.all(Array.from({ length: limits.shards }, (_, shard) => redis.xlen(keys.events(shard))));
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(15);
  expect(await storedIds()).toHaveLength(10_000);
});
