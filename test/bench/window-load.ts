/** The load of `memory` and `append`: observations, written straight to the window store, in logs that never need evaluation. */
import { compile } from '../../engine/compile/index.ts';
import { limits } from '../../engine/core/limits.ts';
import { logTarget, type LogTarget } from '../../engine/core/correlate/target.ts';
import { profiler } from '../../engine/core/correlate/log-profile.ts';
import type { Rule } from '../../engine/core/rule.ts';
import type { Redis } from '../../engine/redis/connection.ts';
import { redisWindowStore } from '../../engine/redis/correlate/window-store.ts';
import { appendAll, type Append } from '../support/appends.ts';
import type { WindowStore } from '../../engine/runtime/correlate/ports.ts';

/** `plain` entries have no value (27 bytes), `value` entries the hash of one (35 bytes). */
export type Kind = 'plain' | 'value';

/** A rule that no bench fulfils. */
export function quietRule(kind: Kind): Rule {
  const [type, condition] = kind === 'plain' ? ['event_count', 'gte: 4000'] : ['value_count', 'field: card.fingerprint, gte: 4000'];
  const text = `
id: quiet-${kind}
conditions: { all: [{ fact: event.dataset, operator: equal, value: payments }] }
correlation: { type: ${type}, group-by: [user.id], timespan: 10m, condition: { ${condition} } }
`;
  const { ruleset, problems } = compile([{ path: 'bench/quiet.yaml', text }]);
  const error = problems.find((problem) => problem.severity === 'error');
  if (error !== undefined) throw new Error(error.message);
  return ruleset.rules[0]!;
}

export function openStore(redis: Redis): WindowStore {
  const profile = profiler({ latenessMs: limits.latenessMs, lagMs: limits.lagMsMax });
  return redisWindowStore({ redis, profile, partitions: limits.partitions, onOutbox: () => undefined });
}

export const logsOf = (rule: Rule, count: number, prefix: string): LogTarget[] =>
  Array.from({ length: count }, (_, i) => logTarget(rule, [`${prefix}${i}`]));

/** All logs are opened in one minute: the budget of new logs is large enough for a bench. */
const start = Date.UTC(2026, 0, 1);

/** The n-th entry of a log, in order. The logs of a batch differ, so their entries can be the same. */
export const entryOf = (target: LogTarget, kind: Kind, n: number): Append => ({
  target,
  entry: {
    time: start + n,
    id: String(n).padStart(8, '0'),
    step: 0,
    index: 0,
    value: kind === 'plain' ? 0 : String(n).padStart(8, '.'),
    ref: { shard: n % limits.shards, ms: start + n, seq: 0, index: n % 500 },
    counted: false,
  },
});

/** @throws when a log was refused or returned: the bench would not measure what it claims to */
export async function appendQuietly(store: WindowStore, appends: readonly Append[]): Promise<void> {
  const { snapshots, refused } = await appendAll(store, appends);
  if (refused > 0 || snapshots.length > 0) throw new Error(`${refused} observations refused, ${snapshots.length} logs returned: not quiet`);
}
