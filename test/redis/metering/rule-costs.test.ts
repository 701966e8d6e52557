import { describe, expect, it } from 'vitest';
import { keys } from '../../../engine/redis/keys.ts';
import { openRuleCosts } from '../../../engine/redis/metering/rule-costs.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { redis } = await ownRedis();

describe('the cost of rules', () => {
  it('is the sum over all workers in this hour and the last one', async () => {
    let nowMs = Date.UTC(2026, 0, 1, 12, 59);
    const [one, other] = [openRuleCosts(redis, () => nowMs), openRuleCosts(redis, () => nowMs)];
    await one.report(new Map([['a', { match_seconds: 1.5, judge_seconds: 0 }]]));
    await other.report(new Map([['a', { match_seconds: 0.5, judge_seconds: 0.25 }]]));
    await other.report(new Map());
    nowMs += 120_000;
    await one.report(new Map([['a', { match_seconds: 1, judge_seconds: 0.00025 }]]));
    const since = '2026-01-01T12:00:00.000Z';
    expect(await other.read(['b', 'a'])).toEqual([
      { match_seconds: 0, judge_seconds: 0, since },
      { match_seconds: 3, judge_seconds: 0.25025, since },
    ]);
    nowMs += 3_600_000;
    expect((await one.read(['a']))[0]!.match_seconds).toBe(1);
    expect(await one.read([])).toEqual([]);
    expect(await redis.ttl(keys.ruleCosts(Math.floor(Date.UTC(2026, 0, 1, 12) / 3_600_000)))).toBeGreaterThan(0);
  });
});
