/**
 * Gives back the room that Redis keeps for window logs to grow in, of logs that lie idle: about a fifth of what all of
 * them take. One step looks at some thousand keys; step after step it goes round the whole Redis. However many
 * processes there are, one of them takes a step each second, and where it has got to stands in Redis.
 */
import { limits } from '../../core/limits.ts';
import type { Redis } from '../connection.ts';
import { keys } from '../keys.ts';
import { pipelined, registerScripts } from '../commands.ts';

export type CompactorOptions = {
  /** Seconds without an append after which a log counts as idle. */
  readonly idleSeconds?: number;
  /** Between two steps, of whichever process. */
  readonly everyMs?: number;
};

/** What a step did: logs rewritten, and whether it was the last one of a round. Undefined: it was not this process's turn. */
export type CompactStep = { readonly rewritten: number; readonly round: boolean };

export function openCompactor(redis: Redis, { idleSeconds = limits.compactIdleSeconds, everyMs = 900 }: CompactorOptions = {}) {
  registerScripts(redis, ['compact']);

  return async function step(): Promise<CompactStep | undefined> {
    if (everyMs > 0 && (await redis.set(keys.compacting, '1', 'PX', everyMs, 'NX')) === null) return undefined;
    const from = (await redis.get(keys.compactCursor)) ?? '0';
    const [next, found] = await redis.scan(from, 'COUNT', limits.compactKeysMax);
    await redis.set(keys.compactCursor, next);
    const logs = Map.groupBy(found.filter(keys.isLog), keys.partitionOfLog);
    const counts = await pipelined<number>(redis, (pipeline) => {
      for (const [partition, some] of logs) pipeline.call('compact', [...some, keys.scratch(partition)], [idleSeconds]);
    });
    return { rewritten: counts.reduce((sum, count) => sum + count, 0), round: next === '0' };
  };
}
