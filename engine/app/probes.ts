/** Metrics and readiness of a process that has only workers; with an API, the API serves them. */
import { startProbes, type Probes } from '../../api/probes.ts';
import type { Foundation } from './foundation.ts';
import { healthOf } from './readiness.ts';
import type { Workers } from './workers.ts';

/** @returns undefined if WEIR_METRICS_PORT is not set   @throws WeirError when the port cannot be listened on */
export async function openProbes(engine: Foundation, workers: Pick<Workers, 'silentMs'> | undefined): Promise<Probes | undefined> {
  const { config, metrics, stores } = engine;
  const { metricsPort: port, host, keys } = config;
  if (port === undefined) return undefined;
  const parts = { health: healthOf(engine, workers), metrics, keys: stores.keySnapshot(), meter: metrics.meter };
  return startProbes(parts, { host, port, keys });
}
