/**
 * The budget of alerts: for each rule and minute a set of the ids that are within it, and a HyperLogLog of those that
 * are over it. Both know an id again, so asking twice changes nothing; both are bounded, and go some hours after the
 * last question.
 */
import { limits } from '../../core/limits.ts';
import type { AlertBudget } from '../../runtime/forward/ports.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { script } from '../commands/call.ts';
import { keys } from '../keys.ts';

/** What budget-take.lua gives. */
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
