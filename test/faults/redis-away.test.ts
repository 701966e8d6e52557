/**
 * Redis is away, full, emptied, or reached over a bad connection while events arrive: ingest answers 503 and acknowledges
 * nothing, everything recovers by itself, and the alerts are those of replay.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { keys } from '../../engine/redis/keys.ts';
import { startEngine } from '../support/engine.ts';
import { until } from '../support/processes.ts';
import { startProxy } from '../support/proxy.ts';
import { expectSame } from '../support/verdict.ts';
import { rules, workload } from '../support/workload.ts';

const later = { status: 503, retryAfter: expect.stringMatching(/^\d+$/) as string };

describe('requests whose answer is lost after Redis has written', () => {
  it('are repeated by the client and count once', async () => {
    await using engine = await startEngine({ rules });
    await using proxy = await startProxy(engine.server.url);
    await engine.start('api', { REDIS_URL: proxy.url });
    const load = workload(51, 1200);
    const third = Math.ceil(load.requests.length / 3);
    for (let part = 0; part < 3; part++) {
      const before = (await engine.ledger()).accepted;
      const sending = load.requests.slice(part * third, (part + 1) * third).map((request) => engine.send(request));
      await until(async () => (await engine.ledger()).accepted > before);
      proxy.mode = 'mute';
      await sleep(100);
      proxy.cut();
      proxy.mode = 'pass';
      await Promise.all(sending);
    }
    await engine.start('worker');
    await expectSame(engine, load);
  });
});

describe('a connection that swallows everything without closing', () => {
  it('is noticed by workers and API, which open a new one', async () => {
    await using engine = await startEngine({ rules });
    await using proxy = await startProxy(engine.server.url);
    const url = { REDIS_URL: proxy.url, WEIR_TEST_SILENCE_MS: '1500' };
    await engine.start('api', url);
    const worker = await engine.start('worker', url);
    const load = workload(52, 1200);
    const half = Math.ceil(load.requests.length / 2);
    for (const request of load.requests.slice(0, half)) await engine.send(request);
    proxy.mode = 'swallow';
    expect(await engine.post(load.requests[half]!)).toMatchObject(later);
    await until(() => worker.stderr().includes('Redis is unreachable'));
    proxy.mode = 'pass';
    for (const request of load.requests.slice(half)) await engine.send(request);
    await expectSame(engine, load);
  });
});

describe('a Redis that loses everything (FLUSHALL)', () => {
  it('is set up again: the workers recreate their group and continue', async () => {
    await using engine = await startEngine({ rules });
    await engine.start('api');
    const worker = await engine.start('worker');
    for (const request of workload(53, 600).requests) await engine.send(request);
    await engine.quiet();
    const meta = await engine.redis.hgetall(keys.layout);
    await engine.redis.flushall();
    const load = workload(54, 600);
    for (const request of load.requests) await engine.send(request);
    await expectSame(engine, load);
    expect(worker.stderr()).toContain('Redis lost its data');
    // A process with other shards or partitions is refused again.
    expect(await engine.redis.hgetall(keys.layout)).toEqual(meta);
    expect(meta).toHaveProperty('shards');
  });
});

describe('a Redis that is full', () => {
  it('closes ingest with 503, drains, and opens again', async () => {
    await using engine = await startEngine({ rules, redis: { maxmemory: '16mb' } });
    await engine.start('api');
    const load = workload(55, 800);
    for (const request of load.requests) await engine.send(request);
    const padding = 'x'.repeat(1000);
    let noise = 0;
    const noisy = () => Array.from({ length: 400 }, () => ({ id: `noise-${noise++}`, time: Date.UTC(2026, 5, 1), kind: 'noise', padding }));
    let { accepted } = await engine.ledger();
    let answer = await engine.post(noisy());
    while (answer?.status === 202) {
      accepted += answer.body.accepted!;
      answer = await engine.post(noisy());
    }
    expect(answer).toMatchObject(later);
    expect((await engine.ledger()).accepted).toBe(accepted);
    await engine.start('worker');
    for (let i = 0; i < 30; i++) await engine.send(noisy());
    await expectSame(engine, load, { streamed: false });
  });
});
