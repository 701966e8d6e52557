/** `POST /v1/events`: 202 once the events are in the stream. The way of a request is ingest/accept.ts. */
import { performance } from 'node:perf_hooks';
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { ingest, type IngestParts, type Ingested } from '../ingest/accept.ts';
import type { IngestObserver } from '../ports.ts';
import { HttpProblem } from '../problem.ts';
import { accepted, ingestQuery } from '../schemas/event.ts';
import { problems } from '../schemas/problem.ts';

export const eventRoutes =
  (parts: IngestParts, observe: IngestObserver): FastifyPluginAsyncZod =>
  async (app) => {
    // Bodies stay streams here: ingest/body.ts reads and bounds them.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));

    app.post(
      '/v1/events',
      {
        schema: {
          operationId: 'postEvents',
          summary: 'Send events: an object, an array, or one object a line; plain or gzip',
          tags: ['events'],
          querystring: ingestQuery,
          response: { 202: accepted, ...problems(400, 413, 415, 429, 503) },
        },
      },
      async (request, reply) => {
        const start = performance.now();
        const seconds = (): number => (performance.now() - start) / 1000;
        let done: Ingested;
        try {
          done = await ingest({ raw: request.raw, dataset: request.query.dataset }, parts);
        } catch (error) {
          const code = error instanceof HttpProblem ? error.code : 'internal-error';
          observe({ outcome: 'refused', code, accepted: 0, rejected: new Map(), bytes: 0, seconds: seconds() });
          throw error;
        }
        const { batch, bytes } = done;
        const nothing = batch.accepted === 0 && batch.rejected > 0;
        observe({
          outcome: nothing ? 'rejected' : 'accepted',
          code: undefined,
          accepted: batch.accepted,
          rejected: batch.causes,
          bytes,
          seconds: seconds(),
        });
        const answer = { accepted: batch.accepted, rejected: batch.rejected, errors: [...batch.errors] };
        if (!nothing) return reply.code(202).send(answer);
        const [first] = batch.errors;
        throw new HttpProblem(
          400,
          'all-rejected',
          `none of ${batch.rejected} is an event; the first, at line ${first?.line}: ${first?.detail}`,
          answer,
        );
      },
    );
  };
