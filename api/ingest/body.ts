/**
 * Reads the body of a request within bounds: the declared length, the bytes on the wire, the bytes after decompression,
 * and the bytes that all requests hold together. Fastify's own limit does not apply to bodies passed on as a stream.
 *
 * A body that ends early (the client disconnected, a wrong Content-Length) is an error, and nothing of it is used.
 */
import type { IncomingMessage } from 'node:http';
import { gunzip } from 'node:zlib';
import { HttpProblem } from '../http/problem.ts';

/** Bytes that may be held at once, shared by all requests of a process. */
export type ByteBudget = {
  /** False if that many are not available now. */
  take(bytes: number): boolean;
  give(bytes: number): void;
};

export function byteBudget(max: number): ByteBudget {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > max) return false;
      taken += bytes;
      return true;
    },
    give(bytes) {
      taken -= bytes;
    },
  };
}

/** A body. Call `release` when the request is done: it gives the body's bytes back to the budget. */
export type Body = { readonly bytes: Buffer; readonly release: () => void };

/** @throws HttpProblem 400 `bad-gzip` `incomplete-body`, 413 `too-large`, 503 `busy` */
export async function readBody(request: IncomingMessage, gzip: boolean, budget: ByteBudget, max: number): Promise<Body> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > max) {
    discard(request, max);
    throw tooLarge(max);
  }
  let held = 0;
  const release = (): void => {
    budget.give(held);
    held = 0;
  };
  const hold = (bytes: number): void => {
    if (!budget.take(bytes))
      throw new HttpProblem(503, 'busy', 'too many request bodies are being read at once', {}, { 'retry-after': '1' });
    held += bytes;
  };
  try {
    const wire = await collect(request, max, hold);
    if (!gzip) return { bytes: wire, release };
    const bytes = await inflate(wire, max);
    hold(bytes.length);
    return { bytes, release };
  } catch (error) {
    release();
    throw error;
  }
}

function collect(request: IncomingMessage, max: number, hold: (bytes: number) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    if (request.destroyed && !request.readableEnded) return reject(endedEarly());
    const stop = (error: unknown): void => {
      request.off('data', onData);
      discard(request, max);
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > max) return stop(tooLarge(max));
      try {
        hold(chunk.length);
      } catch (error) {
        return stop(error);
      }
      chunks.push(chunk);
    };
    request.on('data', onData);
    request.once('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    // Every request closes: only one that ended early is an error.
    const onBreak = (): void => {
      if (request.readableEnded) return;
      // Otherwise bytes that still come would be taken from the budget after the rest was given back.
      request.off('data', onData);
      reject(endedEarly());
    };
    request.once('error', onBreak);
    request.once('close', onBreak);
  });
}

const endedEarly = (): HttpProblem => new HttpProblem(400, 'incomplete-body', 'the request body ended early');

/** zlib stops at the first chunk over the bound, so a decompression bomb costs no more than the bound. */
function inflate(bytes: Buffer, max: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: max }, (error, inflated) => {
      if (error === null) resolve(inflated);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge(max));
      else reject(new HttpProblem(400, 'bad-gzip', `the body is not valid gzip: ${error.message}`));
    });
  });
}

const tooLarge = (max: number): HttpProblem =>
  new HttpProblem(413, 'too-large', `the request body is larger than ${max} bytes after decompression`, { limit: max });

/** Reads and drops the rest of a refused body, up to a bound, so that the client gets to see the answer. */
function discard(request: IncomingMessage, max: number): void {
  let passed = 0;
  request.on('data', (chunk: Buffer) => {
    passed += chunk.length;
    if (passed > max) request.destroy();
  });
}
