/**
 * Errors below the router: what Node's HTTP parser refuses (contradictory lengths, a header that is too large, a request
 * that never ends) and malformed addresses. Answered with problems too, as long as the socket is writable.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { HttpProblem, problemType, sendProblem } from './problem.ts';
import { own } from '../../engine/core/util/own.ts';

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
    detail: 'the request was not received completely in time',
  },
};
const malformed: Refused = { status: 400, reason: 'Bad Request', code: 'bad-request', detail: 'not a valid HTTP request' };

/** Answers on the bare socket and closes it. */
export function clientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const { status, reason, code, detail } = own(known, error.code ?? '') ?? malformed;
    const body = JSON.stringify({ type: `urn:weir:problem:${code}`, title: reason, status, code, detail, instance: '', request_id: '' });
    socket.write(
      `HTTP/1.1 ${status} ${reason}\r\ncontent-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

/** What Fastify refuses before routing, such as `/%zz`. No hook runs here to remove secrets, so nothing of the request is quoted. */
export function frameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const problem = new HttpProblem(error.statusCode ?? 400, 'bad-address', 'the path is not correctly encoded', { instance: '' });
  void sendProblem(request, reply, problem);
}
