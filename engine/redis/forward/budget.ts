/**
 * The alert budget: for each rule and minute, a set of the ids within the budget, and a HyperLogLog of those over it.
 * Both recognise an id, so asking twice changes nothing. Both are bounded, and expire some hours after the last request.
 */
import { limits } from '../../core/limits.ts';
import type { AlertBudget } from '../../runtime/forward/ports.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { script } from '../commands/call.ts';
import { keys } from '../keys.ts';

/** The result of budget-take.lua. */
type TakeReply = readonly [folded: number, added: number, ...within: number[]];

export function openAlertBudget(nodes: RedisNodes, max: number = limits.alertsPerRuleMinuteMax): AlertBudget {
  const redis = commandsOn(nodes);
  return {
    max,
    async take(asks) {
      const calls = asks.map(({ name, ids }) =>
        script('budget-take', [keys.alertBudget(name), keys.alertsFolded(name)], [max, limits.alertBudgetMs, ...ids]),
      );
      const replies = await redis.send<TakeReply>(calls);
      return replies.map(([folded, added, ...within]) => ({ within: within.map((one) => one === 1), folded, added }));
    },
  };
}
