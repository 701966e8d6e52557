/**
 * What a worker answers on a port of its own: /metrics, /healthz, /readyz, and nothing else. Keys are asked for as
 * everywhere: /metrics needs one where there are any.
 */
import Fastify, { LogController, type FastifyInstance } from 'fastify';
import { validatorCompiler } from '@fastify/type-provider-zod';
import { anybody } from './access.ts';
import { keyCheck, type ApiKey } from './keys.ts';
import { listen } from './listen.ts';
import { pathOf, useProblems } from './problem.ts';
import { probeRoutes, type ProbeParts } from './routes/probes.ts';

export type ProbeOptions = { readonly host: string; readonly port: number; readonly keys: readonly ApiKey[] };

export type Probes = AsyncDisposable & {
  readonly url: string;
  /** Readiness off now. */
  stop(): void;
};

/** @throws WeirError when the address cannot be listened on */
export async function startProbes(parts: Omit<ProbeParts, 'stopping' | 'sink'>, { host, port, keys }: ProbeOptions): Promise<Probes> {
  let stopping = false;
  const app: FastifyInstance = Fastify({
    logger: false,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: 'idle',
    requestTimeout: 10_000,
    bodyLimit: 1,
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.decorateRequest('who', anybody);
  const checkKey = keyCheck(keys);
  app.addHook('onRequest', async (request) => void (request.who = checkKey(pathOf(request), request.headers.authorization)));
  useProblems(app, () => undefined);
  await app.register(probeRoutes({ ...parts, stopping: () => stopping }));
  const url = await listen(app, { host, port }, 'WEIR_METRICS_PORT');
  return {
    url,
    stop: () => void (stopping = true),
    [Symbol.asyncDispose]: () => app.close(),
  };
}
