/**
 * The HTTP server of a worker, on a port of its own: /metrics, /healthz and /readyz, nothing else. The gate is the same
 * as that of the API (access/gate.ts): /metrics needs a key if there are any.
 */
import Fastify, { LogController, type FastifyInstance } from 'fastify';
import type { KeySnapshot } from '../engine/runtime/access/api-keys.ts';
import type { Meter } from '../engine/runtime/metering/meter.ts';
import { useGate } from './access/gate.ts';
import { keyRing, type ApiKey } from './access/keys.ts';
import { listen } from './http/listen.ts';
import { useProblems } from './http/problem.ts';
import { checkRequest } from './http/request-check.ts';
import { probeRoutes, type ProbeParts } from './routes/probes.ts';

/** `keys`: from the settings. */
export type ProbeOptions = { readonly host: string; readonly port: number; readonly keys: readonly ApiKey[] };

/** `keys`: from Redis. */
export type WatchedParts = Omit<ProbeParts, 'stopping' | 'sink'> & { readonly keys: Pick<KeySnapshot, 'current'>; readonly meter: Meter };

export type Probes = AsyncDisposable & {
  readonly url: string;
  /** Turns readiness off. */
  stop(): void;
};

/** @throws WeirError if it cannot listen on the address */
export async function startProbes(parts: WatchedParts, { host, port, keys }: ProbeOptions): Promise<Probes> {
  let stopping = false;
  const app: FastifyInstance = Fastify({
    logger: false,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    requestTimeout: 10_000,
    bodyLimit: 1,
  });
  app.setValidatorCompiler(checkRequest);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  useGate(app, { ring: keyRing(keys, parts.keys.current), meter: parts.meter, now: Date.now });
  useProblems(app, () => undefined);
  await app.register(probeRoutes({ ...parts, stopping: () => stopping }));
  const url = await listen(app, { host, port }, 'WEIR_METRICS_PORT');
  return {
    url,
    stop: () => void (stopping = true),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
