import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Pack } from '../../../engine/core/ingest/pack.ts';
import { connect, type Redis } from '../../../engine/redis/connection.ts';
import { openSink, type RedisSink, type RedisSinkOptions } from '../../../engine/redis/ingest/ingest.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';

let server: TestRedis;
let redis: Redis;
let sink: RedisSink;

async function open(settings: Record<string, string> = {}, options: Partial<RedisSinkOptions> = {}): Promise<void> {
  server = await startRedis(settings);
  redis = connect(server.url, 'test');
  redis.on('error', () => undefined);
  sink = openSink(server.url, { refreshMs: 20, waitMs: 500, ...options });
  await opened();
}
afterEach(async () => {
  await sink[Symbol.asyncDispose]();
  redis.disconnect();
  await server.stop();
});

/** Waits until the sink accepts events, or refuses them for that reason. */
async function opened(because?: string): Promise<void> {
  for (let i = 0; i < 500 && sink.refusal()?.because !== because; i++) await sleep(20);
  expect(sink.refusal()?.because).toBe(because);
}

const pack = (events: number, pad = 0): Pack => {
  const text = `{"v":1,"e":[${Array.from({ length: events }, (_, i) => `[1,"${i}","d",0,{"pad":"${'x'.repeat(pad)}"}]`).join(',')}]}`;
  return { text, events, bytes: text.length };
};
const entries = async (shard: number): Promise<Record<string, string>[]> => {
  const rows = await redis.xrange(keys.events(shard), '-', '+');
  return rows.map(([, fields]) =>
    Object.fromEntries(Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i]!, fields[2 * i + 1]!])),
  );
};

describe('put', () => {
  beforeEach(() => open({}, { shards: 2 }));

  test('spreads packs over the shards and counts their events with them', async () => {
    expect(await sink.put([pack(3), pack(1), pack(2)])).toEqual({ kind: 'accepted', events: 6 });
    expect(await sink.put([pack(5)])).toEqual({ kind: 'accepted', events: 5 });
    expect(await entries(0)).toEqual([
      { p: pack(3).text, n: '3', c: '3' },
      { p: pack(2).text, n: '2', c: '5' },
    ]);
    expect(await entries(1)).toEqual([
      { p: pack(1).text, n: '1', c: '1' },
      { p: pack(5).text, n: '5', c: '6' },
    ]);
    expect(await redis.hget(keys.stats(0), 'accepted')).toBe('5');
    expect(await redis.hget(keys.stats(1), 'accepted')).toBe('6');
  });

  test('stores text in any script unchanged', async () => {
    const text = '{"v":1,"e":[[1,"ü😀","d",0,{"a":"\\ud800 日本"}]]}';
    await sink.put([{ text, events: 1, bytes: Buffer.byteLength(text) }]);
    expect((await entries(0))[0]?.['p']).toBe(text);
  });

  test('continues after Redis has lost the script', async () => {
    await sink.put([pack(1)]);
    await redis.script('FLUSH');
    expect(await sink.put([pack(1), pack(1)])).toEqual({ kind: 'accepted', events: 2 });
  });

  test('refuses on a key of the wrong type, and counts nothing', async () => {
    await redis.set(keys.events(0), 'x');
    expect(await sink.put([pack(4)])).toMatchObject({ kind: 'refused', because: 'away' });
    expect(Number(await redis.hget(keys.stats(0), 'accepted'))).toBe(0);
  });
});

describe('refuses', () => {
  test('above the backlog limit, and accepts again when the workers have caught up', async () => {
    await open({}, { shards: 1, backlogEventsMax: 10 });
    expect(await sink.put([pack(10)])).toMatchObject({ kind: 'accepted' });
    expect(await sink.put([pack(1)])).toMatchObject({ kind: 'refused', because: 'backlog', retryAfterSeconds: 1 });
    await opened('backlog');
    await redis.hincrby(keys.stats(0), 'processed', 6);
    await redis.hincrby(keys.stats(0), 'dead', 1);
    await opened();
    expect(await sink.put([pack(1)])).toMatchObject({ kind: 'accepted' });
    expect(await redis.hget(keys.stats(0), 'accepted')).toBe('11');
  });

  test('at 80 % of maxmemory, so that the workers have room to free memory', async () => {
    await open({ maxmemory: '8mb' });
    let accepted = 0;
    for (let i = 0; i < 200; i++) {
      const put = await sink.put([pack(10, 10_000)]);
      if (put.kind === 'accepted') accepted += put.events;
      else {
        expect(put).toMatchObject({ because: 'full', retryAfterSeconds: 5 });
        break;
      }
    }
    await opened('full');
    expect(accepted).toBeGreaterThan(0);
    expect(await redis.set('a worker', 'still writes')).toBe('OK');
    await redis.del(keys.events(0), keys.events(1), keys.events(2), keys.events(3));
    await opened();
    expect(await sink.put([pack(1)])).toMatchObject({ kind: 'accepted' });
  });

  test('when Redis itself answers OOM, and counts nothing', async () => {
    await open({}, { refreshMs: 100_000 });
    await redis.config('SET', 'maxmemory', '1000000');
    const full = await sink.put([pack(3)]);
    expect(full).toMatchObject({ kind: 'refused', because: 'full' });
    expect(full).not.toHaveProperty('doubtful');
    await redis.config('SET', 'maxmemory', '0');
    expect(await redis.hget(keys.stats(0), 'accepted')).toBeNull();
    expect(await redis.exists(keys.events(0))).toBe(0);
  });

  test('when Redis has become a replica', async () => {
    await open();
    await redis.replicaof('127.0.0.1', 1);
    expect(await sink.put([pack(1)])).toMatchObject({
      kind: 'refused',
      because: 'away',
      detail: expect.stringContaining('READONLY') as string,
    });
    await redis.replicaof('NO', 'ONE');
    expect(await sink.put([pack(1)])).toMatchObject({ kind: 'accepted' });
  });

  test('within its wait when Redis hangs, and recovers by itself', async () => {
    await open();
    await redis.client('PAUSE', 3000, 'ALL');
    expect(await sink.put([pack(1)])).toMatchObject({ kind: 'refused', because: 'away', doubtful: true });
    await opened('away');
    await opened();
    expect(await sink.put([pack(1)])).toMatchObject({ kind: 'accepted' });
  });
});
