/** Metrics and readiness of a process of workers alone; with an API, they are the API's. */
import { startProbes, type Probes } from '../../api/probes.ts';
import { openKeySnapshot } from '../redis/access/api-keys.ts';
import type { EngineParts } from './foundation.ts';
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
  const stored = openKeySnapshot(redis);
  try {
    const probes = await startProbes({ health, metrics, keys: stored, meter: metrics.meter }, { host, port, keys });
    return {
      url: probes.url,
      stop: probes.stop,
      async [Symbol.asyncDispose]() {
        stored[Symbol.dispose]();
        await probes[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    stored[Symbol.dispose]();
    throw error;
  }
}
