/**
 * Reads a request's body, bounded while it is read: the declared length, the bytes on the wire, the bytes after
 * inflating, and the bytes that all requests together hold. Fastify's own bound does not apply to bodies that it
 * hands over as a stream.
 *
 * A body that breaks off (the client went away, a wrong Content-Length) is an error, and nothing was done with it.
 */
import type { IncomingMessage } from 'node:http';
import { gunzip } from 'node:zlib';
import { HttpProblem } from '../http/problem.ts';

/** Bytes that may be held at once, shared by all requests of a process. */
export type ByteBudget = {
  /** False when they are not to be had now. */
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

/** A body and the bytes it holds of the budget: to be released when the request is done. */
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
    if (!budget.take(bytes)) throw new HttpProblem(503, 'busy', 'too many bodies are being read at once', {}, { 'retry-after': '1' });
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
    // Every request closes: an error is only made for one that broke off.
    const onBreak = (): void => {
      if (!request.readableEnded) reject(new HttpProblem(400, 'incomplete-body', 'the body broke off before its end'));
    };
    request.once('error', onBreak);
    request.once('close', onBreak);
  });
}

/** zlib stops at the first chunk over the bound: a bomb costs its bound, not its size. */
function inflate(bytes: Buffer, max: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gunzip(bytes, { maxOutputLength: max }, (error, inflated) => {
      if (error === null) resolve(inflated);
      else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') reject(tooLarge(max));
      else reject(new HttpProblem(400, 'bad-gzip', `the body is not whole gzip: ${error.message}`));
    });
  });
}

const tooLarge = (max: number): HttpProblem =>
  new HttpProblem(413, 'too-large', `a request has at most ${max} bytes after inflating`, { limit: max });

/** What is still to come of a refused body: read past, so that the client can see the answer, but not for ever. */
function discard(request: IncomingMessage, max: number): void {
  let passed = 0;
  request.on('data', (chunk: Buffer) => {
    passed += chunk.length;
    if (passed > max) request.destroy();
  });
}
