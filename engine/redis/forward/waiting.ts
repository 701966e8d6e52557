/**
 * Alerts that wait for room in the SIEM queue: a sorted set of places (core/alert/query.ts) per level, the oldest
 * first. They have left the outboxes, so that readers do not read them again and again. If an alert is here twice, or has
 * been queued meanwhile, this is detected when its turn comes.
 */
import { limits } from '../../core/limits.ts';
import { levels, type Level } from '../../core/rule.ts';
import type { WaitingList } from '../../runtime/forward/ports.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command } from '../commands/call.ts';
import { keys } from '../keys.ts';

export function openWaitingList(nodes: RedisNodes): WaitingList {
  const redis = commandsOn(nodes);
  return {
    async push(alerts) {
      await redis.send(alerts.map(({ level, place }) => command('zadd', keys.waiting(level), 0, place)));
    },
    head: (level, max) => redis.ask(command('zrange', keys.waiting(level), 0, Math.min(max, limits.forwardBatchMax) - 1)),
    async remove(level, places) {
      if (places.length > 0) await redis.ask(command('zrem', keys.waiting(level), ...places));
    },
    async sizes() {
      const sizes = await redis.send(levels.map((level) => command('zcard', keys.waiting(level))));
      return Object.fromEntries(levels.map((level, i) => [level, Number(sizes[i])])) as Record<Level, number>;
    },
  };
}
