/**
 * The HTTP API as an app that listens nowhere: tests inject requests, server.ts listens. Everything it needs from the
 * rest of Weir comes in through the ports.
 */
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from '@fastify/type-provider-zod';
import { randomUUID } from 'node:crypto';
import { limits } from '../engine/core/limits.ts';
import { byteBudget } from './ingest/body.ts';
import type { EventSink } from '../engine/runtime/sink.ts';
import type { DatasetSource, IngestObserver } from './ports.ts';
import { useProblems } from './problem.ts';
import { eventRoutes } from './routes/events.ts';

export type ApiParts = {
  readonly sink: EventSink;
  readonly datasets: DatasetSource;
  readonly observe: IngestObserver;
  /** Epoch ms. */
  readonly now: () => number;
};

export type ApiOptions = { readonly logger?: FastifyBaseLogger };

/** Bounds on what one connection may do: a client that sends a byte a second is not waited for. */
const timing = {
  /** From the first byte of a request to its last. */
  requestTimeout: 30_000,
  /** A connection on which nothing was ever sent, or nothing more comes. */
  connectionTimeout: 60_000,
  keepAliveTimeout: 72_000,
};

export function buildApp(parts: ApiParts, options: ApiOptions = {}): FastifyInstance {
  const app = Fastify({
    ...timing,
    ...(options.logger === undefined ? { logger: false } : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: true,
    // Ids are made here: a client's own would end up in the log as it came.
    genReqId: () => randomUUID(),
    bodyLimit: 1024 * 1024,
    routerOptions: { maxParamLength: 1024 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  // Answers are checked against their schemas in the tests; here they only become text, `__proto__` keys included.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.addHook('onSend', async (request, reply) => void reply.header('x-request-id', request.id));
  useProblems(app);

  const budget = byteBudget(limits.ingestBytesMax);
  void app.register(eventRoutes({ sink: parts.sink, datasets: parts.datasets, now: parts.now, budget }, parts.observe));
  return app;
}
