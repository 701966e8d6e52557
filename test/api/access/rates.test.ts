import { describe, expect, it } from 'vitest';
import { buildApp } from '../../../api/app.ts';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { silent, type Meter } from '../../../engine/runtime/metering/meter.ts';
import { rateLimiter, type Rates } from '../../../engine/runtime/access/rate.ts';
import { idleParts, receivedMs } from '../../support/api.ts';

const keys = ['a', 'b'].map((name) => ({ name, scopes: ['ingest', 'read'] as const, hash: hashOf(`secret-of-nobody-${name}`) }));

/** An API with a clock that the test controls. */
async function open(rates: Partial<Rates>, settings = keys) {
  const clock = { ms: receivedMs };
  const counts: Record<string, number> = {};
  const addTo: Meter['addTo'] = (counter, label) => void (counts[`${counter} ${label}`] = (counts[`${counter} ${label}`] ?? 0) + 1);
  const limiter = rateLimiter(
    { key: undefined, events: undefined, ...rates },
    () => clock.ms,
    async () => [],
  );
  const app = await buildApp(
    { ...idleParts(), meter: { ...silent, addTo }, limiter, now: () => clock.ms },
    { version: 'test', keys: settings },
  );
  const as = (name: string) => ({ authorization: `Bearer secret-of-nobody-${name}` });
  return {
    clock,
    counts,
    get: (name: string, url = '/v1/alerts') => app.inject({ url, headers: as(name) }),
    post: (name: string, events: number) =>
      app.inject({
        method: 'POST',
        url: '/v1/events',
        headers: { ...as(name), 'content-type': 'application/x-ndjson' },
        payload: Array.from({ length: events }, (_, i) => `{"id":"e${i}"}`).join('\n'),
      }),
  };
}

describe('requests of one key', () => {
  it('are served while the quota lasts, with what is left of it in the headers', async () => {
    const { clock, get, counts } = await open({ key: { quota: 3, windowMs: 60_000 } });
    const ask = async (): Promise<unknown[]> => {
      const { statusCode, headers } = await get('a');
      return [statusCode, headers['ratelimit-policy'], headers['ratelimit'], headers['retry-after']];
    };
    const policy = '"key";q=3;w=60';
    expect(await ask()).toEqual([200, policy, '"key";r=2;t=20', undefined]);
    expect(await ask()).toEqual([200, policy, '"key";r=1;t=40', undefined]);
    expect(await ask()).toEqual([200, policy, '"key";r=0;t=60', undefined]);
    expect(await ask()).toEqual([429, policy, '"key";r=0;t=60', '20']);
    const refused = (await get('a')).json();
    expect(refused).toMatchObject({ status: 429, code: 'rate-limited', title: 'Too many requests' });
    expect(counts).toEqual({ 'rateLimited key': 2 });
    clock.ms += 19_999;
    expect((await get('a')).statusCode).toBe(429);
    clock.ms += 1;
    expect((await get('a')).statusCode).toBe(200);
  });

  it('do not include probes and metrics, which are served when the quota is used up', async () => {
    const { get, counts } = await open({ key: { quota: 1, windowMs: 60_000 } });
    expect([(await get('a')).statusCode, (await get('a')).statusCode]).toEqual([200, 429]);
    for (const path of ['/metrics', '/healthz', '/readyz', '/openapi.json']) {
      const { statusCode, headers } = await get('a', path);
      expect([path, statusCode, headers['ratelimit']]).toEqual([path, 200, undefined]);
    }
    expect(counts).toEqual({ 'rateLimited key': 1 });
  });

  it('do not use up the quota of other keys, even ten thousand of them', async () => {
    const { get, counts } = await open({ key: { quota: 100, windowMs: 10_000 } });
    const flood = Array.from({ length: 10_000 }, () => get('a'));
    const others = Array.from({ length: 50 }, () => get('b'));
    expect((await Promise.all(others)).every(({ statusCode }) => statusCode === 200)).toBe(true);
    const statuses = (await Promise.all(flood)).map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 200)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(9900);
    expect(counts['rateLimited key']).toBe(9900);
  });

  it('are not counted without a limit, without keys, or for probes', async () => {
    const unbounded = await open({});
    expect((await unbounded.get('a')).headers).not.toHaveProperty('ratelimit');
    const { get } = await open({ key: { quota: 1, windowMs: 60_000 } });
    for (let i = 0; i < 5; i++) expect((await get('a', '/healthz')).statusCode).toBe(200);
    expect((await get('a')).statusCode).toBe(200);
    const keyless = await open({ key: { quota: 1, windowMs: 60_000 } }, []);
    for (let i = 0; i < 5; i++) expect((await keyless.get('a')).statusCode).toBe(200);
  });

  it('that are refused do not count against any key', async () => {
    const { get } = await open({ key: { quota: 1, windowMs: 60_000 } });
    for (let i = 0; i < 5; i++) expect((await get('nobody-we-know')).statusCode).toBe(401);
    for (let i = 0; i < 5; i++) expect((await get('a', '/v1/keys')).statusCode).toBe(403);
    expect((await get('a')).statusCode).toBe(200);
  });
});

describe('events of one key', () => {
  it('are charged after the request was read, and may exceed the quota once', async () => {
    const { clock, post, get, counts } = await open({ events: { quota: 100, windowMs: 10_000 } });
    const first = await post('a', 150);
    expect([first.statusCode, first.headers['ratelimit-policy'], first.headers['ratelimit']]).toEqual([
      202,
      '"events";q=100;w=10',
      '"events";r=99;t=1',
    ]);
    const second = await post('a', 1);
    expect([second.statusCode, second.json().code, second.headers['retry-after']]).toEqual([429, 'rate-limited', '6']);
    expect(counts).toMatchObject({ 'rateLimited events': 1, 'turnedAway rate-limited': 1 });
    expect((await post('b', 1)).statusCode).toBe(202);
    expect((await get('a')).statusCode).toBe(200);
    clock.ms += 5100;
    expect((await post('a', 1)).statusCode).toBe(202);
  });

  it('are not counted as requests', async () => {
    const { post, get } = await open({ key: { quota: 1, windowMs: 60_000 } });
    for (let i = 0; i < 5; i++) expect((await post('a', 1)).statusCode).toBe(202);
    expect((await get('a')).statusCode).toBe(200);
  });
});
