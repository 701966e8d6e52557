/** `POST /v1/events`: answers 202 once the events are in the stream. ingest/accept.ts has the steps. */
import { performance } from 'node:perf_hooks';
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { tagSets } from '../../engine/core/ingest/envelope.ts';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import { ingest, type IngestParts } from '../ingest/accept.ts';
import type { Batch } from '../../engine/runtime/ingest/batch.ts';
import { HttpProblem } from '../http/problem.ts';
import { accepted, ingestQuery } from '../schemas/event.ts';
import { problems } from '../schemas/problem.ts';

export const eventRoutes =
  (parts: IngestParts, meter: Meter): FastifyPluginAsyncZod =>
  async (app) => {
    // Fastify must not read the body: ingest/body.ts reads it within bounds.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));

    app.post(
      '/v1/events',
      {
        config: { scope: 'ingest' },
        schema: {
          operationId: 'postEvents',
          summary: 'Send events',
          description: 'The body is a JSON object, an array of objects, or one object per line; plain or gzip.',
          tags: ['events'],
          querystring: ingestQuery,
          response: { 202: accepted, ...problems(400, 413, 415, 429, 503) },
        },
      },
      async (request, reply) => {
        const start = performance.now();
        const { batch } = await ingest({ raw: request.raw, dataset: request.query.dataset }, parts).catch((error: unknown) => {
          if (error instanceof HttpProblem && turnsAway.has(error.status)) meter.addTo('turnedAway', reasons[error.code] ?? error.code);
          throw error;
        });
        request.events = batch.accepted + batch.rejected;
        count(meter, batch, (performance.now() - start) / 1000);
        const answer = { accepted: batch.accepted, rejected: batch.rejected, errors: [...batch.errors] };
        if (batch.accepted > 0 || batch.rejected === 0) return reply.code(202).send(answer);
        const [first] = batch.errors;
        throw new HttpProblem(
          400,
          'all-rejected',
          `no event accepted, ${batch.rejected} rejected; the first, at line ${first?.line}: ${first?.detail}`,
          answer,
        );
      },
    );
  };

/** The statuses of whole requests that are turned away, whatever their events. */
const turnsAway: ReadonlySet<number> = new Set([413, 429, 503]);
const reasons: Readonly<Record<string, string>> = { 'too-many-events': 'too-large' };

function count(meter: Meter, batch: Batch, seconds: number): void {
  meter.stage('ingest', batch.accepted, seconds);
  meter.add('accepted', batch.accepted);
  for (const [dataset, events] of batch.sources) meter.source(dataset, events);
  for (const [code, events] of batch.causes) meter.addTo('rejected', code, events);
  batch.tagged.forEach((events, bits) => {
    if (events > 0) for (const tag of tagSets[bits] ?? []) meter.addTo('tagged', tag, events);
  });
}
