/** The rate limit of a key over several API processes: each has its own limiter, and all share one Redis. */
import { afterAll, beforeEach, expect, it } from 'vitest';
import { connect } from '../../../engine/redis/connection.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { openRates } from '../../../engine/redis/access/rate.ts';
import { rateLimiter, type RateLimiter } from '../../../engine/runtime/access/rate.ts';
import { startRedis } from '../../support/redis.ts';

const server = await startRedis();
const redis = connect(server.url, 'test', { maxRetriesPerRequest: 0, commandTimeout: 1000 });
redis.on('error', () => undefined);
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** So slow that no tokens are added while the test runs. */
const policy = { quota: 100, windowMs: 86_400_000 };
const rates = { key: policy, events: undefined };
const open = (): RateLimiter => rateLimiter(rates, Date.now, openRates(redis));
const take = (from: RateLimiter, times: number): number =>
  Array.from({ length: times }, () => from.take('key', 'a')!.allowed).filter(Boolean).length;

it('what one process lets through counts for the others', async () => {
  const [one, two, three] = [open(), open(), open()];
  expect(take(one, 60)).toBe(60);
  await one.settle();
  expect(take(two, 1)).toBe(1);
  await two.settle();
  expect(take(two, 100)).toBe(39);
  await two.settle();
  expect(take(three, 1)).toBe(1);
  await three.settle();
  expect([take(one, 100), take(two, 100), take(three, 100)]).toEqual([40, 0, 0]);
  await one.settle();
  expect(three.take('key', 'b')).toMatchObject({ allowed: true, left: 99 });
});

it('spending during a settlement still counts', async () => {
  const one = open();
  take(one, 50);
  const settled = one.settle();
  take(one, 30);
  await settled;
  expect(one.take('key', 'a')!.left).toBe(19);
  await one.settle();
  expect(Number(await redis.hget(keys.rate('key', 'a'), 't'))).toBeCloseTo(19, 1);
});

it('during an outage of Redis each process counts by itself, and reports it afterwards', async () => {
  const one = open();
  take(one, 10);
  await server.kill();
  await one.settle();
  expect(take(one, 100)).toBe(90);
  await server.start();
  while ((await redis.ping().catch(() => '')) !== 'PONG');
  await one.settle();
  expect(Number(await redis.hget(keys.rate('key', 'a'), 't'))).toBeCloseTo(0, 1);
});

it('a bucket expires when it would be full again', async () => {
  const one = rateLimiter({ key: { quota: 1000, windowMs: 1000 }, events: undefined }, Date.now, openRates(redis));
  one.take('key', 'a');
  await one.settle();
  expect(await redis.pttl(keys.rate('key', 'a'))).toBeLessThanOrEqual(1001);
});
