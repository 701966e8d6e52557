/** The rate limits of API keys across all API processes: one small script call per active key, all in one round trip. */
import type { SettleRates } from '../../runtime/access/rate.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { script } from '../commands/call.ts';
import { keys } from '../keys.ts';

export function openRates(nodes: RedisNodes): SettleRates {
  const redis = commandsOn(nodes);
  return async (spent) => {
    const calls = spent.map(({ bound, name, policy, cost }) =>
      script('rate-settle', [keys.rate(bound, name)], [policy.quota, policy.windowMs, cost]),
    );
    return (await redis.send(calls)).map(Number);
  };
}
