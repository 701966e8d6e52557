/** The alert budget on Maps. It behaves like engine/redis/forward/budget.ts, but counts exactly and forgets nothing. */
import { limits } from '../../../engine/core/limits.ts';
import type { AlertBudget } from '../../../engine/runtime/forward/ports.ts';

export function createAlertBudget(max: number = limits.alertsPerRuleMinuteMax): AlertBudget {
  const budgets = new Map<string, { readonly within: Set<string>; readonly folded: Set<string> }>();
  return {
    max,
    async take(asks) {
      return asks.map(({ name, ids }) => {
        const { within, folded } = budgets.get(name) ?? { within: new Set<string>(), folded: new Set<string>() };
        budgets.set(name, { within, folded });
        const before = folded.size;
        for (const id of ids) {
          if (within.has(id)) continue;
          if (within.size < max) within.add(id);
          else folded.add(id);
        }
        return { within: ids.map((id) => within.has(id)), folded: folded.size, added: folded.size - before };
      });
    },
  };
}
