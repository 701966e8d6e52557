/**
 * Errors below the router: what Node's HTTP parser refuses (two lengths, a header too large, a request that does not
 * come to its end) and addresses that are none. Answered as problems too, where the socket still takes an answer.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { HttpProblem, problemType, sendProblem } from './problem.ts';

type Refused = { readonly status: number; readonly reason: string; readonly code: string; readonly detail: string };

const known: Readonly<Record<string, Refused>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    reason: 'Request Header Fields Too Large',
    code: 'header-too-large',
    detail: 'the headers are too large',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    reason: 'Request Timeout',
    code: 'request-timeout',
    detail: 'the request did not come to its end in time',
  },
};
const malformed: Refused = { status: 400, reason: 'Bad Request', code: 'bad-request', detail: 'this is no HTTP request' };

/** Answers on the bare socket and closes it. */
export function clientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const { status, reason, code, detail } = known[error.code ?? ''] ?? malformed;
    const body = JSON.stringify({ type: `urn:weir:problem:${code}`, title: reason, status, code, detail, instance: '', request_id: '' });
    socket.write(
      `HTTP/1.1 ${status} ${reason}\r\ncontent-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

/** What Fastify refuses before it has a route: `/%zz`. No hook runs here, so nothing that was sent is quoted. */
export function frameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = new HttpProblem(error.statusCode ?? 400, 'bad-address', 'the path is not well encoded', { instance: '' });
  void sendProblem(request, reply, problem);
}
