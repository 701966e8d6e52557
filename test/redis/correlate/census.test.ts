import { beforeEach, expect, it } from 'vitest';
import { limits } from '../../../engine/core/limits.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { openCensus } from '../../../engine/redis/correlate/census.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { redis } = await ownRedis();
beforeEach(() => redis.flushall());

const log = (i: number): string => keys.log(i % 64, 'shape000000', String(i).padStart(16, '0'));

async function fill(logs: number, others: number): Promise<void> {
  const commands = redis.pipeline();
  for (let i = 0; i < logs; i++) commands.set(log(i), 'x'.repeat(35 + 27 * (i % 20)));
  for (let i = 0; i < others; i++) commands.set(keys.record(i % 64, 'rule0000000', String(i).padStart(16, '0')), '1|[]');
  await commands.exec();
}

async function bytesOf(logs: number): Promise<number> {
  const commands = redis.pipeline();
  for (let i = 0; i < logs; i++) commands.memory('USAGE', log(i));
  return (await commands.exec())!.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

it('is exact for few keys', async () => {
  expect(await openCensus(redis)()).toEqual({ count: 0, bytes: 0 });
  await fill(40, limits.censusKeysMax - 40);
  expect(await openCensus(redis)()).toEqual({ count: 40, bytes: await bytesOf(40) });
});

it('is an estimate for many keys, and gets better with each call', async () => {
  await fill(15_000, 5_000);
  const census = openCensus(redis);
  let found = await census();
  for (let looks = 1; looks < 10; looks++) found = await census();
  // 2,000 random keys: a deviation of 1.3 % is usual, one of 10 % is one in millions.
  expect(Math.abs(found.count / 15_000 - 1)).toBeLessThan(0.1);
  expect(Math.abs(found.bytes / (await bytesOf(15_000)) - 1)).toBeLessThan(0.15);
});

it('distinguishes window logs from all other keys', () => {
  expect(keys.isLog(log(63))).toBe(true);
  const others = [keys.record(1, 'r', 'g'), keys.reviews(1), keys.outbox(1), keys.newLogs(1, 5), keys.partitionStats(1), keys.events(1)];
  expect(others.filter(keys.isLog)).toEqual([]);
});
