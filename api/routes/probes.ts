/** Liveness, readiness and metrics of one process: the API, or a worker that listens for them (probes.ts). */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { EventSink } from '../../engine/runtime/ingest/sink.ts';
import { live, ready } from '../schemas/probes.ts';

/** The readiness of one part: redis, ingest, rules, workers… `reason` says what is wrong. */
export type PartHealth = { readonly ok: boolean; readonly reason?: string };

export type Health = { ready(): Promise<Readonly<Record<string, PartHealth>>> };

export type MetricsText = { expose(): Promise<{ readonly contentType: string; readonly text: string }> };

export type ProbeParts = {
  /** Undefined in a process without ingest. */
  readonly sink?: Pick<EventSink, 'refusal'>;
  readonly health: Health;
  readonly metrics: MetricsText;
  /** True from the moment the process has been asked to stop. */
  readonly stopping: () => boolean;
};

const tags = ['operations'];

export const probeRoutes =
  (parts: ProbeParts): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/healthz',
      { schema: { operationId: 'live', summary: 'Check liveness', tags, response: { 200: live } } },
      async () => ({ status: 'ok' }) as const,
    );

    app.get(
      '/readyz',
      {
        schema: {
          operationId: 'ready',
          summary: 'Check readiness, part by part',
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
      {
        config: { scope: 'read', unrated: true },
        schema: { operationId: 'metrics', summary: 'Get metrics in the Prometheus text format', tags },
      },
      async (_request, reply) => {
        const { contentType, text } = await parts.metrics.expose();
        return reply.header('content-type', contentType).serializer(String).send(text);
      },
    );
  };

async function readiness({ sink, health, stopping }: ProbeParts): Promise<Record<string, PartHealth>> {
  return {
    server: stopping() ? { ok: false, reason: 'stopping' } : { ok: true },
    ...(sink === undefined ? {} : { ingest: ingestHealth(sink) }),
    ...(await health.ready()),
  };
}

function ingestHealth(sink: Pick<EventSink, 'refusal'>): PartHealth {
  const refusal = sink.refusal();
  return refusal === undefined ? { ok: true } : { ok: false, reason: refusal.detail };
}
