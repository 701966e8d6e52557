/** What `memory` and `append` write: observations into window logs that stay quiet, straight through the window store. */
import { compile } from '../../engine/compile/index.ts';
import { limits } from '../../engine/core/limits.ts';
import { logTarget, type LogTarget } from '../../engine/core/correlate/target.ts';
import { profiler } from '../../engine/core/correlate/log-profile.ts';
import type { Rule } from '../../engine/core/rule.ts';
import type { Redis } from '../../engine/redis/connection.ts';
import { redisWindowStore } from '../../engine/redis/correlate/window-store.ts';
import { appendAll, type Append } from '../support/appends.ts';
import type { WindowStore } from '../../engine/runtime/correlate/ports.ts';

/** `plain` entries carry no value (27 bytes), `value` entries the hash of one (35 bytes). */
export type Kind = 'plain' | 'value';

/** A rule that nothing in a bench fulfils. */
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

/** All logs are begun in one minute: their rule's budget of new logs is for a flood, not for a bench. */
const start = Date.UTC(2026, 0, 1);

/** The n-th entry of that log, in order; the logs of a batch differ, so their entries need not. */
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

/** @throws when a log was refused or returned: then the bench does not measure what it says */
export async function appendQuietly(store: WindowStore, appends: readonly Append[]): Promise<void> {
  const { snapshots, refused } = await appendAll(store, appends);
  if (refused > 0 || snapshots.length > 0) throw new Error(`${refused} observations refused, ${snapshots.length} logs returned: not quiet`);
}
