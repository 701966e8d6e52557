/**
 * What `/readyz` says of the engine's own parts (the API adds what it knows of itself). Bad rule documents do not make a
 * process unready as long as others run; they are named all the same.
 */
import { limits } from '../core/limits.ts';
import type { Loaded } from '../runtime/rules/reload.ts';
import type { Foundation } from './foundation.ts';
import type { Workers } from './workers.ts';

export type Vitals = {
  /** What the connection says of itself. */
  readonly redis: string;
  readonly rules: Pick<Loaded, 'problems' | 'ruleset'>;
  /** For each worker of this process, how long ago its loop last went round, ms; undefined: it has none. */
  readonly silentMs: readonly number[] | undefined;
};

type PartHealth = { readonly ok: boolean; readonly reason?: string };

type Readiness = Readonly<Record<string, PartHealth>>;

/** @param workers those of this process; undefined when it has none */
export const healthOf = (
  { redis, rules }: Pick<Foundation, 'redis' | 'rules'>,
  workers: Pick<Workers, 'silentMs'> | undefined,
): { ready(): Promise<Readiness> } => ({
  ready: async () => readiness({ redis: redis.status, rules: rules.current(), silentMs: workers?.silentMs() }),
});

export function readiness({ redis, rules, silentMs }: Vitals): Readiness {
  return {
    redis: redis === 'ready' ? fine : { ok: false, reason: `the Redis connection is ${redis}` },
    rules: rulesHealth(rules),
    ...(silentMs === undefined ? {} : { workers: workersHealth(silentMs) }),
  };
}

const fine: PartHealth = { ok: true };

function rulesHealth({ ruleset, problems }: Vitals['rules']): PartHealth {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const bad = new Set(errors.map(({ file, ruleId }) => `${file}\n${ruleId ?? ''}`)).size;
  if (bad === 0) return fine;
  // Without a single rule nothing would ever be found: that is no engine to send events to.
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
