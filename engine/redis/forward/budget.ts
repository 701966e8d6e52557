/**
 * The budget of alerts: for each rule and minute a set of the ids that are within it, and a HyperLogLog of those that
 * are over it. Both know an id again, so asking twice changes nothing; both are bounded, and go some hours after the
 * last question.
 */
import { limits } from '../../core/limits.ts';
import type { AlertBudget } from '../../runtime/forward/ports.ts';
import { batchOrThrow, queueScript } from '../batch.ts';
import type { Redis } from '../connection.ts';
import { keys } from '../keys.ts';
import { registerScripts } from '../commands.ts';

/** What budget-take.lua gives. */
type TakeReply = readonly [folded: number, added: number, ...within: number[]];

export function openAlertBudget(redis: Redis, max: number = limits.alertsPerRuleMinuteMax): AlertBudget {
  registerScripts(redis, ['budget-take']);
  return {
    max,
    async take(asks) {
      const replies = await batchOrThrow(redis, (commands) => {
        for (const { name, ids } of asks) {
          const budget = [keys.alertBudget(name), keys.alertsFolded(name)];
          queueScript(commands, 'budget-take', budget, [max, limits.alertBudgetMs, ...ids]);
        }
      });
      return replies.map((reply) => {
        const [folded, added, ...within] = reply as TakeReply;
        return { within: within.map((one) => one === 1), folded, added };
      });
    },
  };
}
