/**
 * How a request is ingested: media type → is ingest open? → body → batch → sink. Cheap checks come first: a request that
 * cannot be accepted is refused before its body is read.
 */
import type { IncomingMessage } from 'node:http';
import { badDataset } from '../../engine/core/ingest/envelope.ts';
import type { Datasets } from '../../engine/core/ingest/dataset.ts';
import { limits } from '../../engine/core/limits.ts';
import type { EventSink } from '../../engine/runtime/ingest/sink.ts';
import { HttpProblem } from '../http/problem.ts';
import { refusedProblem } from '../http/refused.ts';
import { readBatch, type Batch, type ReadContext, type BatchRefusal, type RequestLimits } from '../../engine/runtime/ingest/batch.ts';
import { readBody, type ByteBudget } from './body.ts';
import { readMedia, type Media } from '../../engine/runtime/ingest/media.ts';
import { randomUUID } from 'node:crypto';

export type IngestParts = {
  readonly sink: EventSink;
  /** The datasets of the running set; called for each request, since rules are hot-reloaded. */
  readonly datasets: () => Datasets;
  readonly budget: ByteBudget;
  readonly limits: RequestLimits;
  /** Epoch ms. */
  readonly now: () => number;
};

export type IngestRequest = { readonly raw: IncomingMessage; readonly dataset: string | undefined; readonly media: Media };

/** @throws HttpProblem 415 */
export function mediaOf({ headers }: IncomingMessage): Media {
  const media = readMedia(headers['content-type'], headers['content-encoding']);
  if (typeof media === 'string') throw new HttpProblem(415, 'unsupported-media-type', media, {}, { 'accept-encoding': 'gzip' });
  return media;
}

/** @throws HttpProblem if the whole request is refused; then no event was acknowledged */
export async function ingest(request: IngestRequest, parts: IngestParts): Promise<Batch> {
  const { format, gzip } = request.media;
  const badName = request.dataset === undefined ? undefined : badDataset(request.dataset);
  if (badName !== undefined)
    throw new HttpProblem(400, 'bad-dataset', badName, { errors: [{ pointer: '/query/dataset', detail: badName }] });
  const key = readKey(request.raw.headers['idempotency-key']);
  const closed = parts.sink.refusal();
  if (closed !== undefined) throw refusedProblem(closed);

  const body = await readBody(request.raw, gzip, parts.budget, parts.limits.requestBytesMax);
  try {
    const receivedMs = parts.now();
    const context: ReadContext = {
      format,
      datasets: parts.datasets(),
      dataset: request.dataset,
      receivedMs,
      futureMsMax: limits.futureMsMax,
      bounds: parts.limits,
      inferId: (index) => (key === undefined ? uuidV7(receivedMs) : `${key}:${index}`),
    };
    const batch = await readBatch(body.bytes, context);
    if (batch.kind !== 'batch') throw batchProblem(batch, parts.limits);
    // Nobody would get the answer: the bytes after the body were not HTTP, or the client disconnected.
    const { socket } = request.raw;
    if (socket.destroyed || socket.writableEnded) throw new HttpProblem(400, 'incomplete-body', 'the connection was closed');
    if (batch.packs.length > 0) {
      const put = await parts.sink.put(batch.packs);
      if (put.kind === 'refused') throw refusedProblem(put);
    }
    return batch;
  } finally {
    body.release();
  }
}

/** The header, with or without the quotes of the IETF draft. */
function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = String(header).replace(/^"(.*)"$/, '$1');
  if (/^[\x20-\x7e]{1,200}$/.test(key)) return key;
  throw new HttpProblem(400, 'bad-idempotency-key', 'Idempotency-Key must be 1 to 200 printable ASCII characters');
}

function batchProblem(refusal: BatchRefusal, { requestEventsMax }: RequestLimits): HttpProblem {
  switch (refusal.kind) {
    case 'empty':
      return new HttpProblem(
        400,
        'empty-body',
        'the body contains no events: send a JSON object, an array of objects, or one object per line',
      );
    case 'too-many':
      return new HttpProblem(413, 'too-many-events', `a request may have at most ${requestEventsMax} events, this one has more`, {
        limit: requestEventsMax,
      });
    case 'broken': {
      const { line, column, detail } = refusal.error;
      return new HttpProblem(400, 'invalid-json', `line ${line}, column ${column}: ${detail}`, {
        accepted: 0,
        rejected: 1,
        errors: [refusal.error],
      });
    }
  }
}

/**
 * A UUID of version 7 (RFC 9562): it starts with the time, so that ids of one time sort together.
 * @param nowMs epoch ms, the first 48 bits; the others are random
 */
function uuidV7(nowMs: number): string {
  const clock = nowMs.toString(16).padStart(12, '0');
  return `${clock.slice(0, 8)}-${clock.slice(8)}-7${randomUUID().slice(15)}`;
}
