/**
 * The cost of rules on all workers, in one hash per hour: the current and the last hour are shown, older ones expire.
 * Costs that a killed worker had not reported are missing. A repeated call would count twice, so no call is repeated.
 */
import type { RuleCosts } from '../../runtime/metering/rule-costs.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command } from '../commands/call.ts';
import { keys } from '../keys.ts';

const hourMs = 3_600_000;
/** Longer than two hours, because the clock of a worker may be slow. */
const keptSeconds = 3 * 3600;

export function openRuleCosts(nodes: RedisNodes, now: () => number = Date.now): RuleCosts {
  const redis = commandsOn(nodes);
  const hour = (): number => Math.floor(now() / hourMs);
  return {
    async report(spent) {
      if (spent.size === 0) return;
      const key = keys.ruleCosts(hour());
      const calls = [...spent].flatMap(([id, { match_seconds, judge_seconds }]) => [
        ...(match_seconds > 0 ? [command('hincrby', key, `m${id}`, Math.round(match_seconds * 1e6))] : []),
        ...(judge_seconds > 0 ? [command('hincrby', key, `j${id}`, Math.round(judge_seconds * 1e6))] : []),
      ]);
      await redis.send([...calls, command('expire', key, keptSeconds)]);
    },
    async read(ruleIds) {
      if (ruleIds.length === 0) return [];
      const present = hour();
      const fields = ruleIds.flatMap((id) => [`m${id}`, `j${id}`]);
      const rows = await redis.send<(string | null)[]>(
        [present, present - 1].map((one) => command('hmget', keys.ruleCosts(one), ...fields)),
      );
      const seconds = (at: number): number => rows.reduce((sum, row) => sum + Number(row[at] ?? 0), 0) / 1e6;
      const since = new Date((present - 1) * hourMs).toISOString();
      return ruleIds.map((_, i) => ({ match_seconds: seconds(2 * i), judge_seconds: seconds(2 * i + 1), since }));
    },
  };
}
