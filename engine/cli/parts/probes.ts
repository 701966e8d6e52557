/** Metrics and readiness of a process of workers alone; with an API, they are the API's. */
import { startProbes, type Probes } from '../../../api/probes.ts';
import type { EngineParts } from './engine-parts.ts';
import { readiness } from './readiness.ts';
import type { Workers } from './workers.ts';

/** @throws WeirError when the port cannot be listened on */
export async function openProbes(
  { api }: { readonly api: boolean },
  { config, redis, rules, metrics }: EngineParts,
  workers: Pick<Workers, 'silentMs'> | undefined,
): Promise<Probes | undefined> {
  const { metricsPort: port, host, keys } = config;
  if (api || port === undefined) return undefined;
  const health = { ready: async () => readiness({ redis: redis.status, rules: rules.current(), silentMs: workers?.silentMs() }) };
  return startProbes({ health, metrics }, { host, port, keys });
}
