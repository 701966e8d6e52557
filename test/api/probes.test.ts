/** The HTTP server of a worker on WEIR_METRICS_PORT. */
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startProbes } from '../../api/probes.ts';
import { hashOf, type ApiKey } from '../../engine/core/access/api-key.ts';
import { WeirError } from '../../engine/errors.ts';
import { silent } from '../../engine/runtime/metering/meter.ts';
import { startEngine } from '../support/engine.ts';
import { until } from '../support/processes.ts';
import { scrape, valueOf } from '../support/samples.ts';

const secret = '4f9d0c1e8b7a6f53';
const parts = {
  health: { ready: async () => ({ redis: { ok: false, reason: 'the connection to Redis is down' } }) },
  metrics: { expose: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'weir_redis_up 0\n' }) },
  keys: { current: () => [] },
  meter: silent,
};
const place = { host: '127.0.0.1', port: 0, keys: [] };

describe('probes', () => {
  it('serve liveness, readiness with reasons, metrics, and nothing else', async () => {
    await using probes = await startProbes(parts, place);
    const get = (path: string) => fetch(probes.url + path);
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    expect(await (await get('/readyz')).json()).toEqual({
      ready: false,
      parts: { server: { ok: true }, redis: { ok: false, reason: 'the connection to Redis is down' } },
    });
    expect((await get('/metrics')).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const strange = await get('/v1/alerts');
    expect([strange.status, strange.headers.get('content-type')]).toEqual([404, expect.stringContaining('application/problem+json')]);
    probes.stop();
    expect(((await (await get('/readyz')).json()) as { parts: object }).parts).toMatchObject({ server: { ok: false, reason: 'stopping' } });
  });

  it('require a key for metrics if there is one, but not for health checks', async () => {
    await using probes = await startProbes(parts, { ...place, keys: [{ name: 'prometheus', scopes: ['read'], hash: hashOf(secret) }] });
    expect((await fetch(`${probes.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${probes.url}/metrics`, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200);
    expect((await fetch(`${probes.url}/healthz`)).status).toBe(200);
  });

  it('accept the keys in Redis too, and check their scope', async () => {
    let stored: ApiKey[] | undefined;
    const refused: string[] = [];
    const addTo = (counter: string, reason: string): void => void (counter === 'refused' && refused.push(reason));
    await using probes = await startProbes({ ...parts, keys: { current: () => stored }, meter: { ...silent, addTo } }, place);
    const status = async (headers: Record<string, string> = {}) => (await fetch(`${probes.url}/metrics`, { headers })).status;
    const mine = { authorization: `Bearer ${secret}` };
    expect([await status(), await status(mine)]).toEqual([503, 503]);
    stored = [];
    expect(await status()).toBe(200);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    stored = [{ name: 'shop', scopes: ['ingest'], hash: hashOf(secret) }];
    expect([await status(), await status(mine)]).toEqual([401, 403]);
    stored = [{ name: 'prometheus', scopes: ['read'], hash: hashOf(secret) }];
    expect(await status(mine)).toBe(200);
    stored = [{ ...stored[0]!, revoked: 1 }];
    expect(await status(mine)).toBe(401);
    expect(refused).toEqual(['foreign-origin', 'no-key', 'missing-scope', 'revoked-key']);
    expect((await fetch(`${probes.url}/readyz`)).status).toBe(503);
  });

  it('name the setting to change when they cannot listen', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const error: unknown = await startProbes(parts, { ...place, port }).catch((reason: unknown) => reason);
    taken.close();
    expect(error).toBeInstanceOf(WeirError);
    expect(`${(error as WeirError).message} ${(error as WeirError).hint}`).toMatch(/port \d+ is already in use.*WEIR_METRICS_PORT/);
  });
});

it('a worker exposes its own metrics and those of the whole installation', async () => {
  const rule = `
id: any-payment
conditions: { all: [{ fact: event.dataset, operator: equal, value: payments }] }
`;
  await using engine = await startEngine({ rules: { 'a.yaml': rule } });
  await engine.start('api');
  const worker = await engine.start('worker', { WEIR_METRICS_PORT: '0' });
  const url = /metrics on (\S+)/.exec(worker.stderr())![1]!;
  await engine.send([{ id: 'a', 'event.dataset': 'payments' }]);
  await engine.quiet();
  await until(async () => (await fetch(`${url}/readyz`)).ok);
  const samples = await scrape(url);
  expect(valueOf(samples, 'weir_rule_matches_total', { rule: 'any-payment' })).toBe(1);
  expect(valueOf(samples, 'weir_rule_alerts_total', { rule: 'any-payment' })).toBe(1);
  expect(valueOf(samples, 'weir_ledger_events_total', { state: 'processed' })).toBe(1);
  expect(valueOf(samples, 'weir_event_to_alert_latency_seconds_count')).toBe(1);
  expect(valueOf(samples, 'weir_redis_up')).toBe(1);
  expect(valueOf(await scrape(engine.url()), 'weir_ingest_source_events_total', { dataset: 'payments' })).toBe(1);
  worker.process.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
});
