/**
 * One delivery attempt: one POST, and its outcome. Each uses a new connection, follows no redirects, ignores proxies of
 * the environment, and has one timeout for everything. The status decides the outcome. A little of the answer's body is
 * read and dropped, so that a well-behaved server is not cut off while it sends.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { hostOf, hostRefusal, nothingAllowed, type EgressAllow } from '../../compile/deliver/egress.ts';
import { limits } from '../../core/limits.ts';
import { readRetryAfter } from '../../core/deliver/retry.ts';
import type { WebhookResult } from '../../runtime/deliver/ports.ts';
import { EgressRefused, guardedLookup, systemResolve, type Resolve } from './connect.ts';

export type Outcome = {
  readonly result: Extract<
    WebhookResult,
    'delivered' | 'redirected' | 'gone' | 'throttled' | 'rejected' | 'failed' | 'timeout' | 'unreachable' | 'refused'
  >;
  readonly status?: number;
  /** The reason for display. It contains neither the URL, which may be a secret, nor anything from the answer's body. */
  readonly because: string;
  readonly retryAfterMs?: number;
  readonly ms: number;
};

export type SendOptions = {
  readonly allow?: EgressAllow;
  readonly resolve?: Resolve;
  readonly attemptMsMax?: number;
  readonly answerMsMax?: number;
  /** Epoch ms. */
  readonly now?: () => number;
};

export type Send = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<Outcome>;

/** The returned function never throws, whatever the target does. */
export function sender(options: SendOptions = {}): Send {
  const { allow = nothingAllowed, resolve = systemResolve, attemptMsMax = limits.webhookAttemptMsMax, now = Date.now } = options;
  const lookup = guardedLookup(resolve, allow);
  const answerMsMax = options.answerMsMax ?? limits.webhookAnswerMsMax;

  return async (text, headers, body) => {
    const started = performance.now();
    const done = (outcome: Omit<Outcome, 'ms'>): Outcome => ({ ...outcome, ms: Math.round(performance.now() - started) });
    const url = new URL(text);
    const refusal = hostRefusal(hostOf(url), allow);
    if (refusal !== undefined) return done({ result: 'refused', because: refusal });
    const signal = AbortSignal.timeout(attemptMsMax);
    try {
      const answer = await post(url, { ...headers, 'content-length': String(Buffer.byteLength(body)) }, body, signal);
      await discard(answer, answerMsMax, signal);
      return done(outcomeOf(answer, now()));
    } catch (error) {
      if (error instanceof EgressRefused) return done({ result: 'refused', because: error.message });
      if (signal.aborted) return done({ result: 'timeout', because: `no answer within ${attemptMsMax} ms` });
      return done({ result: 'unreachable', because: faultOf(error as NodeJS.ErrnoException) });
    }
  };

  /** Resolves with the head of the answer. */
  function post(url: URL, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolved, reject) => {
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        headers,
        lookup,
        agent: false,
        signal,
      });
      request.once('response', resolved);
      request.once('error', reject);
      request.once('upgrade', (_answer, socket) => {
        socket.destroy();
        reject(new Error('the target requested a protocol upgrade'));
      });
      // Aborting the request does not end a name lookup that hangs.
      request.once('close', () => reject(new Error('the connection ended without an answer')));
      request.end(body);
    });
  }
}

/** Reads the answer's body until its end or a bound, and closes the connection. */
async function discard(answer: IncomingMessage, msMax: number, signal: AbortSignal): Promise<void> {
  let bytes = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, msMax);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limits.webhookAnswerBytesMax) end();
    });
    answer.once('close', end);
    answer.once('error', end);
    signal.addEventListener('abort', end, { once: true });
  });
  answer.on('error', () => undefined);
  answer.destroy();
}

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage, nowMs: number): Omit<Outcome, 'ms'> {
  const retry = readRetryAfter(headers['retry-after'], nowMs);
  const asked = retry === undefined ? {} : { retryAfterMs: retry };
  const because = `the target answered ${status}`;
  if (status >= 200 && status < 300) return { result: 'delivered', status, because };
  if (status >= 300 && status < 400) return { result: 'redirected', status, because: `${because}; redirects are not followed` };
  if (status === 410) return { result: 'gone', status, because: `${because}: it wants no more deliveries` };
  if (status === 429) return { result: 'throttled', status, because, ...asked };
  return { result: status >= 400 && status < 500 ? 'rejected' : 'failed', status, because, ...asked };
}

/** The error code if there is one, since messages of the system contain addresses. */
function faultOf(error: NodeJS.ErrnoException & { readonly errors?: readonly NodeJS.ErrnoException[] }): string {
  const code = error.code ?? error.errors?.[0]?.code;
  return code === undefined ? error.message : `the connection failed: ${code}`;
}
