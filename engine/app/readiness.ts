/**
 * The engine's part of `/readyz` (the API adds its own). Rule documents with errors do not make a process unready as long
 * as other rules run, but they are reported. A process without a single rule is not ready, whatever the reason: events
 * would pass unevaluated. Nor is one whose rules folder has become a file, because it would find no rules after a restart.
 */
import { limits } from '../core/limits.ts';
import { folderFault } from '../runtime/rules/folder.ts';
import type { Loaded } from '../runtime/rules/reload.ts';
import type { Foundation } from './foundation.ts';
import type { Workers } from './workers.ts';

export type Vitals = {
  /** Status of the connection. */
  readonly redis: string;
  /** What Redis says when it answers but refuses to work. */
  readonly refusing: string | undefined;
  readonly rules: Pick<Loaded, 'problems' | 'ruleset'>;
  /** For each worker of this process, the time since its loop last began a read, ms; undefined: it has none. */
  readonly silentMs: readonly number[] | undefined;
};

type PartHealth = { readonly ok: boolean; readonly reason?: string };

type Readiness = Readonly<Record<string, PartHealth>>;

/** @param workers those of this process; undefined when it has none */
export const healthOf = (
  { redis, refusals, rules }: Pick<Foundation, 'redis' | 'refusals' | 'rules'>,
  workers: Pick<Workers, 'silentMs'> | undefined,
): { ready(): Promise<Readiness> } => ({
  ready: async () =>
    readiness({ redis: redis.status, refusing: refusals.refusing()?.text, rules: rules.current(), silentMs: workers?.silentMs() }),
});

export function readiness({ redis, refusing, rules, silentMs }: Vitals): Readiness {
  return {
    redis: redisHealth(redis, refusing),
    rules: rulesHealth(rules),
    ...(silentMs === undefined ? {} : { workers: workersHealth(silentMs) }),
  };
}

const fine: PartHealth = { ok: true };

function redisHealth(status: string, refusing: string | undefined): PartHealth {
  if (refusing !== undefined) return { ok: false, reason: `Redis refuses to work: ${refusing}` };
  return status === 'ready' ? fine : { ok: false, reason: `the Redis connection is ${status}` };
}

function rulesHealth(rules: Vitals['rules']): PartHealth {
  const { ruleset, problems } = rules;
  if (folderFault(rules) === 'replaced')
    return { ok: false, reason: 'a file stands in place of the rules folder; the last good rules stay in force' };
  const errors = problems.filter(({ severity }) => severity === 'error');
  const bad = new Set(errors.map(({ file, ruleId }) => `${file}\n${ruleId ?? ''}`)).size;
  if (bad === 0) return ruleset.rules.length > 0 ? fine : { ok: false, reason: 'the rules folder has no rules: events are not evaluated' };
  return {
    ok: ruleset.rules.length > 0,
    reason: `${bad} ${bad === 1 ? 'document has' : 'documents have'} errors; GET /v1/rules lists them`,
  };
}

function workersHealth(silentMs: readonly number[]): PartHealth {
  const stuck = silentMs.filter((ms) => ms > limits.workerSilenceMsMax);
  if (stuck.length === 0) return fine;
  const seconds = Math.floor(Math.max(...stuck) / 1000);
  return {
    ok: false,
    reason: `${stuck.length} of ${silentMs.length} workers ${stuck.length === 1 ? 'is' : 'are'} stuck, for up to ${seconds} s`,
  };
}
