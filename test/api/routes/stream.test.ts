/** The alert stream on real sockets and a real Redis: several API servers, and clients that disconnect, stall and reconnect. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { startApi, type ApiConfig, type ApiServer } from '../../../api/server.ts';
import type { StreamLimits } from '../../../api/routes/stream.ts';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { limits } from '../../../engine/core/limits.ts';
import { openKeyStore } from '../../../engine/redis/access/api-keys.ts';
import { openAlertStore } from '../../../engine/redis/alert/store.ts';
import { openTriage } from '../../../engine/redis/alert/triage.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { newKey } from '../../../engine/runtime/access/api-keys.ts';
import { silent } from '../../../engine/runtime/metering/meter.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { idleParts } from '../../support/api.ts';
import { until } from '../../support/processes.ts';
import { rawConnect } from '../../support/raw-http.ts';
import { ownRedis } from '../../support/own-redis.ts';
import { openStream, type EventStream } from '../../support/sse.ts';

const { server, redis } = await ownRedis();
redis.on('error', () => undefined);
const store = openAlertStore(redis);
const triage = openTriage(redis);
const counted = new Map<string, number>();
const count = (outcome: string): number => counted.get(outcome) ?? 0;

beforeEach(async () => {
  await redis.flushall();
  counted.clear();
});

const meter = {
  ...silent,
  addTo: (name: string, outcome: string) => void (name === 'streams' && counted.set(outcome, count(outcome) + 1)),
};
const start = async (stream: Partial<StreamLimits> = {}, more: Partial<ApiConfig> = {}): Promise<ApiServer> => {
  const config: ApiConfig = { ...limits, host: '127.0.0.1', port: 0, keys: [], ...more };
  const api = await startApi({ ...idleParts(), meter, config, redisUrl: server.url, version: 'test', stream });
  await until(async () => (await fetch(`${api.url}/readyz`)).ok);
  return api;
};
const open = (api: ApiServer, query = '', headers: Record<string, string> = {}): Promise<EventStream> =>
  openStream(`${api.url}/v1/alerts/stream${query}`, headers);
const received = (stream: EventStream): string[] =>
  stream.events().map(({ event, data }) => `${event} ${(data as { alert?: Alert }).alert?.id ?? ''}`);
const change = async (id: string, wanted: Parameters<typeof triage.triage>[0][number]['change']) =>
  triage.triage([{ id: `al_${id}`, change: wanted, by: { who: 'ann', at: iso(noon) } }]);
const many = (from: number, to: number, extra: Partial<Alert> = {}): Alert[] =>
  Array.from({ length: to - from }, (_, i) => alertOf(`n${from + i}`, { created: iso(noon + from + i), ...extra }));

describe('GET /v1/alerts/stream', () => {
  test('sends created and changed alerts in order, as they are now and without their evidence', async () => {
    await using api = await start();
    await store.put([alertOf('before')]);
    const stream = await open(api);
    expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(stream.response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    await stream.until(() => stream.lastId() !== undefined);
    expect(stream.text()).toMatch(/^retry: 2000\n\nid: \d+-\d+\n\n$/);
    await store.put([alertOf('a')]);
    await stream.until(() => stream.events().length === 1);
    await store.put([alertOf('a')]);
    await store.update([{ id: 'al_a', version: 1, count: 9, first_seen: iso(noon), last_seen: iso(noon + 5) }]);
    await stream.until(() => stream.events().length === 2);
    await change('a', { status: 'closed', verdict: 'benign' });
    await stream.until(() => stream.events().length === 3);
    const { events: _, ...brief } = alertOf('a');
    const raised = { ...brief, count: 9, last_seen: iso(noon + 5) };
    expect(stream.events().map(({ event, data }) => ({ event, data }))).toEqual([
      { event: 'alert.created', data: { change: 'created', alert: brief } },
      { event: 'alert.updated', data: { change: 'count', alert: raised } },
      {
        event: 'alert.updated',
        data: {
          change: 'triage',
          before: { status: 'open', assignee: null, verdict: null },
          alert: { ...raised, status: 'closed', verdict: 'benign', revision: 1 },
        },
      },
    ]);
    stream.close();
  });

  test('filters like the search, and reports when an alert stops matching', async () => {
    await using api = await start();
    const high = await open(api, '?min_level=high&status=open&entity=source.ip:203.0.113.9');
    const mine = await open(api, '?assignee=ann');
    const all = await open(api);
    await all.until(() => all.lastId() !== undefined);
    await store.put([
      alertOf('low', { level: 'low' }),
      alertOf('shadow', { shadow: true }),
      alertOf('elsewhere', { entities: [] }),
      alertOf('a', { level: 'critical' }),
    ]);
    await change('a', { status: 'acknowledged', assignee: 'ann' });
    await change('a', { note: 'not for those who look at open ones' });
    await change('a', { assignee: 'bob' });
    await store.put([alertOf('last', { level: 'high' })]);
    for (const stream of [high, all]) await stream.until(() => received(stream).includes('alert.created al_last'));
    await mine.until(() => received(mine).length === 3);
    expect(received(high)).toEqual(['alert.created al_a', 'alert.updated al_a', 'alert.created al_last'].slice(0, 3));
    expect(received(mine)).toEqual(['alert.updated al_a', 'alert.updated al_a', 'alert.updated al_a']);
    expect(received(all)).not.toContain('alert.created al_shadow');
    expect(received(all)).toHaveLength(7);
    for (const stream of [high, mine, all]) stream.close();
  });

  test.each([
    ['status=new', '/query/status'],
    ['limit=5', '/query/limit'],
    ['since=noon', '/query/since'],
    ['entity=x', '/query/entity'],
  ])('?%s is answered with a problem instead of a stream', async (query, pointer) => {
    await using api = await start();
    const answer = await fetch(`${api.url}/v1/alerts/stream?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] });
  });

  test('sends heartbeats, with the current id for clients that got no events', async () => {
    await using api = await start({ streamBeatMs: 30 });
    const stream = await open(api, '?level=low');
    await stream.until(() => stream.lastId() !== undefined);
    const first = stream.lastId();
    await store.put([alertOf('a')]);
    await stream.until(() => stream.lastId() !== first);
    expect(stream.text()).toContain(': beat\n\n');
    expect(stream.events()).toEqual([]);
    stream.close();
  });
});

describe('reconnecting', () => {
  test('with the last id misses and repeats nothing, during writes and across two servers', async () => {
    await using one = await start();
    await using other = await start();
    const total = 1200;
    let written = 0;
    const writing = (async () => {
      for (; written < total; written += 40) {
        await store.put(many(written, written + 40));
        await change(`n${written}`, { status: 'acknowledged' });
        await sleep(1);
      }
    })();
    const got: string[] = [];
    let last = '0-0';
    const steady = await open(other, '', { 'last-event-id': '0-0' });
    for (let turn = 0; got.filter((text) => text.startsWith('alert.created')).length < total; turn++) {
      const stream = await open(turn % 2 === 0 ? one : other, '', { 'last-event-id': last });
      const enough = 30 + turn * 25;
      await stream.until(() => stream.events().length >= enough || (written >= total && got.length + stream.events().length >= total));
      stream.close();
      expect(received(stream)).not.toContain('reset ');
      got.push(...received(stream));
      last = stream.lastId() ?? last;
    }
    await writing;
    const tail = await open(one, '', { 'last-event-id': last });
    await steady.until(() => steady.events().length === total + total / 40);
    await tail.until(() => got.length + tail.events().length >= total + total / 40);
    expect([...got, ...received(tail)]).toEqual(received(steady));
    expect(new Set(steady.events().map(({ id }) => id)).size).toBe(total + total / 40);
    expect(received(steady).filter((text) => text.startsWith('alert.created'))).toEqual(
      many(0, total).map(({ id }) => `alert.created ${id}`),
    );
    tail.close();
    steady.close();
  });

  test.each([
    ['is malformed', 'yesterday'],
    ['is of another Redis', `${Date.now() + 86_400_000}-0`],
    ['is older than what is kept', '5-0'],
  ])('with an id that %s gets a reset and continues from now', async (_, id) => {
    await using api = await start();
    await store.put(many(0, 3));
    const stream = await open(api, '', { 'last-event-id': id });
    expect(stream.response.statusCode).toBe(200);
    await stream.until(() => stream.events().length === 1);
    await store.put([alertOf('next')]);
    await stream.until(() => stream.events().length === 2);
    expect(received(stream)).toEqual(['reset ', 'alert.created al_next']);
    expect(stream.events()[0]!.id).toMatch(/^\d+-\d+$/);
    stream.close();
  });

  test('with an id whose successors were trimmed gets a reset', async () => {
    await using api = await start();
    await store.put(many(0, 1));
    const early = await open(api, '', { 'last-event-id': '0-0' });
    await early.until(() => early.events().length === 1);
    early.close();
    for (let from = 1; from < limits.alertChangesMax + 700; from += 500) await store.put(many(from, from + 500));
    const stream = await open(api, '', { 'last-event-id': early.lastId()! });
    await stream.until(() => stream.events().length === 1);
    expect(received(stream)).toEqual(['reset ']);
    stream.close();
  });
});

describe('bounds', () => {
  test('a client that never reads is cut off and counted, and the others are not affected', async () => {
    await using api = await start({ streamClientBytesMax: 512 * 1024 });
    const healthy = await open(api);
    await healthy.until(() => healthy.lastId() !== undefined);
    const lazy = await rawConnect(Number(new URL(api.url).port));
    lazy.send('GET /v1/alerts/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await lazy.until((text) => text.includes('retry'));
    lazy.socket.pause();
    let written = 0;
    while (count('cut') === 0) {
      await store.put(many(written, written + 50, { message: 'x'.repeat(50_000) }));
      written += 50;
      // The healthy client keeps up: its unread data is no more than what was just written.
      await healthy.until(() => healthy.events().length === written);
    }
    expect(count('cut')).toBe(1);
    expect(healthy.response.destroyed).toBe(false);
    healthy.close();
    lazy.socket.destroy();
  });

  test('a client that reads nothing between two heartbeats is cut off, however little was sent', async () => {
    await using api = await start({ streamBeatMs: 50, streamClientBytesMax: 1e9 });
    const lazy = await rawConnect(Number(new URL(api.url).port));
    lazy.send('GET /v1/alerts/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await lazy.until((text) => text.includes('retry'));
    lazy.socket.pause();
    for (let written = 0; count('cut') === 0; written += 20) await store.put(many(written, written + 20, { message: 'x'.repeat(50_000) }));
    expect(count('cut')).toBe(1);
    lazy.socket.destroy();
  });

  test('limits the clients of each key and of the process, and frees a seat when one leaves', async () => {
    const secrets = { ann: 'secret-of-ann-0123456789', bob: 'secret-of-bob-0123456789' };
    const named = Object.entries(secrets).map(([name, secret]) => ({ name, scopes: ['read'] as const, hash: hashOf(secret) }));
    await using api = await start({ streamClientsMax: 3, streamClientsPerKeyMax: 2 }, { keys: named });
    const as = (name: keyof typeof secrets) => ({ authorization: `Bearer ${secrets[name]}` });
    const mine = [await open(api, '', as('ann')), await open(api, '', as('ann'))];
    const third = await fetch(`${api.url}/v1/alerts/stream`, { headers: as('ann') });
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '10']);
    expect(await third.json()).toMatchObject({ code: 'too-many-streams' });
    const others = await open(api, '', as('bob'));
    expect((await fetch(`${api.url}/v1/alerts/stream`, { headers: as('bob') })).status).toBe(429);
    expect(count('refused')).toBe(2);
    mine[0]!.close();
    await until(() => count('left') === 1);
    const again = await open(api, '', as('bob'));
    expect(again.response.statusCode).toBe(200);
    for (const stream of [...mine, others, again]) stream.close();
  });

  test('a stream counts as one request, and ends when its key is revoked or when keys become required', async () => {
    const ann = 'secret-of-ann-0123456789';
    const keyStore = openKeyStore(redis);
    const bounds = { streamBeatMs: 50 };
    await using api = await start(bounds, { rate: { quota: 2, windowMs: 86_400_000 } });
    const keyless = await open(api);
    await keyless.until(() => keyless.text().includes(': beat'));
    await keyStore.create({ name: 'ann', scopes: ['read'], hash: hashOf(ann), created: noon, by: 'test' });
    await keyless.closed;
    const mine = await open(api, '', { authorization: `Bearer ${ann}` });
    expect(mine.response.statusCode).toBe(200);
    const rest = async (): Promise<number> => (await fetch(`${api.url}/v1/alerts`, { headers: { authorization: `Bearer ${ann}` } })).status;
    expect([await rest(), await rest()]).toEqual([200, 429]);
    await store.put([alertOf('a')]);
    await mine.until(() => mine.events().length === 1 && mine.text().includes(': beat'));
    await keyStore.revoke('ann', noon);
    await mine.closed;
    expect((await open(api, '', { authorization: `Bearer ${ann}` })).response.statusCode).toBe(401);
  });

  test('removes secrets that Weir generated, as from all answers', async () => {
    const { secret } = newKey({ name: 'shop', scopes: ['ingest'], expires: undefined, by: 'test' }, noon);
    await using api = await start();
    const stream = await open(api);
    await stream.until(() => stream.lastId() !== undefined);
    await store.put([alertOf('a', { message: `sent with ${secret}` })]);
    await stream.until(() => stream.events().length === 1);
    expect((stream.events()[0]!.data as { alert: Alert }).alert.message).toBe('sent with weir_…');
    expect(stream.text()).not.toContain(secret);
    stream.close();
  });

  test('uses one reader in Redis for any number of clients, and none without clients', async () => {
    await using api = await start();
    const readers = async (): Promise<number> =>
      String(await redis.client('LIST'))
        .split('\n')
        .filter((line) => line.includes('name=weir-stream')).length;
    expect(await readers()).toBe(0);
    const streams = await Promise.all(Array.from({ length: 20 }, () => open(api)));
    await store.put([alertOf('a')]);
    for (const stream of streams) await stream.until(() => stream.events().length === 1);
    expect(await readers()).toBe(1);
    for (const stream of streams) stream.close();
    await until(() => count('left') === 20);
  });
});

describe('faults', () => {
  test('stopping ends all streams at once, including those of clients that do not read', async () => {
    const api = await start();
    const stream = await open(api);
    const lazy = await rawConnect(Number(new URL(api.url).port));
    lazy.send('GET /v1/alerts/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await lazy.until((text) => text.includes('retry'));
    lazy.socket.pause();
    for (let from = 0; from < 300; from += 50) await store.put(many(from, from + 50, { message: 'x'.repeat(50_000) }));
    await stream.until(() => stream.events().length === 300);
    await api[Symbol.asyncDispose]();
    await stream.closed;
    expect(count('left') + count('cut')).toBe(count('opened'));
    lazy.socket.destroy();
  });

  test('while Redis is unavailable, no stream starts, and an open one continues and misses nothing', async () => {
    await redis.config('SET', 'appendonly', 'yes');
    await until(async () => String(await redis.info('persistence')).includes('aof_rewrite_in_progress:0'));
    await using api = await start();
    const stream = await open(api);
    await stream.until(() => stream.lastId() !== undefined);
    await store.put([alertOf('a')]);
    await stream.until(() => stream.events().length === 1);
    await redis.config('SET', 'appendfsync', 'always');
    await store.put([alertOf('b')]);
    await stream.until(() => stream.events().length === 2);
    await server.kill();
    await until(async () => (await fetch(`${api.url}/v1/alerts/stream`)).status === 503);
    await server.start();
    await store.put([alertOf('c')]);
    await stream.until(() => stream.events().length === 3);
    expect(received(stream).at(-1)).toMatch(/^(?:alert.created al_c|reset )$/);
    stream.close();
  });

  test('skips an alert that is no longer stored', async () => {
    await using api = await start();
    await store.put([alertOf('gone'), alertOf('here')]);
    await redis.del(keys.alert('al_gone'));
    const stream = await open(api, '', { 'last-event-id': '0-0' });
    await stream.until(() => stream.events().length === 1);
    expect(received(stream)).toEqual(['alert.created al_here']);
    stream.close();
  });
});
