/**
 * `POST /v1/events`: answers 202 once the events are in the stream. ingest/accept.ts has the steps; the format of the body
 * (engine/runtime/ingest/formats/) says how it is read and what the answer is.
 */
import { performance } from 'node:perf_hooks';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { tagSets } from '../../engine/core/ingest/envelope.ts';
import type { Batch } from '../../engine/runtime/ingest/batch.ts';
import type { Refused, Reply } from '../../engine/runtime/ingest/formats/format.ts';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import { ingest, mediaOf, type IngestParts, type IngestRequest } from '../ingest/accept.ts';
import { HttpProblem } from '../http/problem.ts';
import { accepted, ingestQuery } from '../schemas/event.ts';
import { problems } from '../schemas/problem.ts';
import { own } from '../../engine/core/util/own.ts';

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
        const media = mediaOf(request.raw);
        const { replies } = media.format;
        const batch = await batchOf({ raw: request.raw, dataset: request.query.dataset, media }, parts, meter);
        if (batch instanceof HttpProblem) return send(reply, replies.refused(refusedOf(batch)));
        request.events = batch.items.length;
        count(meter, batch, (performance.now() - start) / 1000);
        return send(reply, replies.taken(batch));
      },
    );
  };

async function batchOf(request: IngestRequest, parts: IngestParts, meter: Meter): Promise<Batch | HttpProblem> {
  try {
    return await ingest(request, parts);
  } catch (fault) {
    if (!(fault instanceof HttpProblem)) throw fault;
    if (turnsAway.has(fault.status)) meter.addTo('turnedAway', own(reasons, fault.code) ?? fault.code);
    return fault;
  }
}

const refusedOf = ({ status, code, message, extra, headers }: HttpProblem): Refused => ({
  status,
  code,
  detail: message,
  members: extra,
  headers,
});

/** @throws HttpProblem if the answer is one */
function send(reply: FastifyReply, answer: Reply): FastifyReply {
  if (answer.kind === 'problem') throw new HttpProblem(answer.status, answer.code, answer.detail, answer.members, answer.headers);
  return reply
    .code(answer.status)
    .headers(answer.headers ?? {})
    .send(answer.body);
}

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
