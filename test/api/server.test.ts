import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../api/app.ts';
import { startApi, type ApiConfig, type ApiServer } from '../../api/server.ts';
import { limits } from '../../engine/core/limits.ts';
import { WeirError } from '../../engine/errors.ts';
import { connect } from '../../engine/redis/connection.ts';
import { keys } from '../../engine/redis/keys.ts';
import { idleParts } from '../support/api.ts';
import { countingMeter } from '../support/counting.ts';
import { rawConnect } from '../support/raw-http.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const config: ApiConfig = { ...limits, host: '127.0.0.1', port: 0, keys: [] };
const start = (given: Partial<ApiConfig> = {}, drainMs = 0): Promise<ApiServer> =>
  startApi({ ...idleParts(), config: { ...config, ...given }, redisUrl: redis.url, version: 'test', drainMs });

async function readiness(url: string, wanted: boolean): Promise<void> {
  for (let i = 0; i < 500 && (await fetch(`${url}/readyz`)).ok !== wanted; i++) await sleep(20);
  expect((await fetch(`${url}/readyz`)).ok).toBe(wanted);
}
const post = (url: string, body: string) =>
  fetch(`${url}/v1/events`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });

test('accepts events, and serves alerts, the queue and the API description', async () => {
  await using api = await start();
  expect((await post(api.url, '{"id":"a"}')).status).toBe(202);
  const client = connect(redis.url, 'test');
  expect(await client.hget(keys.stats(0), 'accepted')).toBe('1');
  client.disconnect();
  expect(await (await fetch(`${api.url}/v1/alerts`)).json()).toEqual({ alerts: [], next_cursor: null });
  expect(await (await fetch(`${api.url}/v1/siem`)).json()).toMatchObject({ leased: 0, oldest: null });
  expect(await (await fetch(`${api.url}/v1/siem/lease`, { method: 'POST' })).json()).toEqual({ leases: [] });
  expect((await fetch(`${api.url}/openapi.json`)).status).toBe(200);
});

test('when stopping, readiness fails while the listener still answers; then everything is closed', async () => {
  const api = await start({}, 300);
  await readiness(api.url, true);
  const closed = api[Symbol.asyncDispose]();
  const response = await fetch(`${api.url}/readyz`);
  expect([response.status, ((await response.json()) as { parts: { server: unknown } }).parts.server]).toEqual([
    503,
    { ok: false, reason: 'stopping' },
  ]);
  expect((await post(api.url, '{"id":"b"}')).status).toBe(503);
  await closed;
  await expect(fetch(`${api.url}/healthz`)).rejects.toThrow('fetch failed');
});

test('while Redis is unavailable, writes and reads answer 503 in time, and recover by themselves', async () => {
  const own = await startRedis();
  try {
    await using api = await startApi({ ...idleParts(), config, redisUrl: own.url, version: 'test' });
    await readiness(api.url, true);
    await own.kill('SIGKILL');
    await readiness(api.url, false);
    for (const response of await Promise.all([post(api.url, '{"id":"a"}'), fetch(`${api.url}/v1/alerts`), fetch(`${api.url}/v1/siem`)])) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).not.toBeNull();
      expect(await response.json()).toMatchObject({ code: 'redis-away' });
    }
    expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    await own.start();
    await readiness(api.url, true);
    expect((await post(api.url, '{"id":"a"}')).status).toBe(202);
    expect((await fetch(`${api.url}/v1/alerts`)).status).toBe(200);
  } finally {
    await own.stop();
  }
});

test('reports whether requests need a key', async () => {
  await using open = await start();
  await using closed = await start({ keys: [{ name: 'k', scopes: ['read'], hash: '0'.repeat(64) }] });
  expect([open.authRequired, closed.authRequired]).toEqual([false, true]);
});

describe('does not listen', () => {
  test.each(['0.0.0.0', '::', '10.0.0.1', 'weir.example'])('on %s without keys', async (host) => {
    await expect(start({ host })).rejects.toThrow(/reachable from other machines/);
  });

  test('on a port in use, and leaves nothing open', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as AddressInfo;
    const refused = await start({ port }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WeirError);
    expect(refused).toMatchObject({ message: `port ${port} is already in use`, exitCode: 78 });
    blocker.close();
  });
});

test('every wait of the server is bounded, and so is the number of connections', async () => {
  const app = await buildApp(idleParts(), { version: 'test' });
  const { requestTimeout, headersTimeout, timeout, keepAliveTimeout, maxConnections } = app.server;
  for (const bound of [requestTimeout, headersTimeout, timeout, keepAliveTimeout]) {
    expect(bound).toBeGreaterThan(0);
    expect(bound).toBeLessThan(120_000);
  }
  expect(maxConnections).toBe(limits.connectionsMax);
  await app.close();
});

test('closes a connection over the bound at once, and counts it', async () => {
  const { meter, counted } = countingMeter();
  const app = await buildApp({ ...idleParts(), meter }, { version: 'test' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  app.server.maxConnections = 1;
  const { port } = app.server.address() as AddressInfo;
  const first = await rawConnect(port);
  const second = await rawConnect(port);
  await second.closed();
  expect(counted).toEqual({ droppedConnections: 1 });
  first.socket.destroy();
  await app.close();
});
