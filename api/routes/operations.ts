/** For operators: dead letters, liveness, readiness, metrics. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { EventSink } from '../../engine/runtime/sink.ts';
import type { Cursors } from '../cursor.ts';
import type { DeadLetters, Health, Metrics, PartHealth } from '../ports.ts';
import { deadLetterPage, deadLetterQuery, live, ready } from '../schemas/operations.ts';
import { problems } from '../schemas/problem.ts';

export type OperationParts = {
  readonly sink: EventSink;
  readonly deadLetters: DeadLetters;
  readonly health: Health;
  readonly metrics: Metrics;
  /** True from the moment the server has been asked to stop. */
  readonly stopping: () => boolean;
};

const tags = ['operations'];

export const operationRoutes =
  (parts: OperationParts, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/dead-letters',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'listDeadLetters',
          summary: 'Events that were given up, with the stage and the cause, newest first',
          tags,
          querystring: deadLetterQuery,
          response: { 200: deadLetterPage, ...problems(400, 503) },
        },
      },
      async (request) => {
        const { cursor, limit } = request.query;
        const after = cursor === undefined ? undefined : cursors.open(cursor, 'dead-letters');
        const page = await parts.deadLetters.list({ limit, after });
        const next = page.next === undefined ? null : cursors.seal(page.next, 'dead-letters');
        return { dead_letters: [...page.letters], next_cursor: next };
      },
    );

    app.get(
      '/healthz',
      { schema: { operationId: 'live', summary: 'This process answers', tags, response: { 200: live } } },
      async () => ({ status: 'ok' }) as const,
    );

    app.get(
      '/readyz',
      {
        schema: {
          operationId: 'ready',
          summary: 'Whether to send work here, with a reason for each part',
          tags,
          response: { 200: ready, 503: ready },
        },
      },
      async (_request, reply) => {
        const all = await readiness(parts);
        const isReady = Object.values(all).every((part) => part.ok);
        return reply.code(isReady ? 200 : 503).send({ ready: isReady, parts: all });
      },
    );

    app.get(
      '/metrics',
      { config: { scope: 'read' }, schema: { operationId: 'metrics', summary: 'Prometheus text', tags } },
      async (_request, reply) => {
        const { contentType, text } = await parts.metrics.expose();
        return reply.header('content-type', contentType).serializer(String).send(text);
      },
    );
  };

async function readiness(parts: OperationParts): Promise<Record<string, PartHealth>> {
  const refusal = parts.sink.refusal();
  return {
    server: parts.stopping() ? { ok: false, reason: 'stopping' } : { ok: true },
    ingest: refusal === undefined ? { ok: true } : { ok: false, reason: refusal.detail },
    ...(await parts.health.ready()),
  };
}
