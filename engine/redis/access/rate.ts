/** What all API processes together let a key spend: one small script per key that was active, in one round trip. */
import type { SettleRates } from '../../runtime/access/rate.ts';
import { batchOrThrow, queueScript } from '../batch.ts';
import type { Redis } from '../connection.ts';
import { keys } from '../keys.ts';
import { registerScripts } from '../commands.ts';

export function openRates(redis: Redis): SettleRates {
  registerScripts(redis, ['rate-settle']);
  return async (spent) => {
    const left = await batchOrThrow(redis, (commands) => {
      for (const { bound, name, policy, cost } of spent) {
        queueScript(commands, 'rate-settle', [keys.rate(bound, name)], [policy.quota, policy.windowMs, cost]);
      }
    });
    return left.map(Number);
  };
}
