import { describe, expect, it } from 'vitest';
import { limits } from '../../../engine/core/limits.ts';
import { openAlertBudget } from '../../../engine/redis/forward/budget.ts';
import { alertBudgetContract } from '../../contract/alert-budget.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { redis } = await ownRedis();

describe('the budget of alerts on Redis', () => {
  alertBudgetContract(async (max) => {
    await redis.flushall();
    return openAlertBudget(redis, max);
  });

  it('expires some hours after the last request, and stays small until then', async () => {
    await redis.flushall();
    await openAlertBudget(redis, 1).take([{ name: 'x', ids: Array.from({ length: 3000 }, (_, i) => `al_${i}`) }]);
    const names = await redis.keys('*');
    expect(names).toHaveLength(2);
    for (const name of names) {
      const left = await redis.pttl(name);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(limits.alertBudgetMs);
      expect(Number(await redis.memory('USAGE', name))).toBeLessThan(20_000);
    }
  });
});
