/**
 * Errors as RFC 9457 problem details. Every error answer of the API is one, including those of the router and of bugs:
 *
 *     { type, title, status, code, detail, instance, request_id, errors?: [{ pointer, detail }] }
 *
 * `code` is stable, and `type` is the same as a URI. A bug shows its request_id only; its message goes to the log.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { own } from '../../engine/core/util/own.ts';

export const problemType = 'application/problem+json';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Too costly',
  428: 'Precondition required',
  429: 'Too many requests',
  431: 'Header too large',
  500: 'Internal error',
  503: 'Unavailable',
};

export type ProblemBody = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly instance: string;
  readonly request_id: string;
  readonly [extra: string]: unknown;
};

/** Thrown by a route to answer with a problem. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly code: string;
  /** Further members of the problem body. */
  readonly extra: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    extra: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
    this.status = status;
    this.code = code;
    this.extra = extra;
    this.headers = headers;
  }
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: HttpProblem): FastifyReply {
  const body: ProblemBody = {
    type: `urn:weir:problem:${problem.code}`,
    title: titles[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    instance: pathOf(request),
    request_id: request.id,
    ...problem.extra,
  };
  return reply.code(problem.status).headers(problem.headers).type(problemType).serializer(JSON.stringify).send(body);
}

/**
 * Answers every error of the app with a problem.
 * @param known turns errors of the engine that are not bugs, such as an unavailable store, into problems
 */
export function useProblems(app: FastifyInstance, known: (error: unknown) => HttpProblem | undefined = () => undefined): void {
  app.setErrorHandler((error: FastifyError | HttpProblem, request, reply) => {
    const problem = asProblem(error, known);
    if (problem.status === 500) request.log.error({ err: error }, 'request failed');
    return sendProblem(request, reply, problem);
  });
  const routes: Route[] = [];
  app.addHook('onRoute', ({ method, url }) => void routes.push(...[method].flat().map((one) => ({ method: one, parts: url.split('/') }))));
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, notFound(request.method, pathOf(request), routes)));
}

type Route = { readonly method: string; readonly parts: readonly string[] };

function notFound(method: string, path: string, routes: readonly Route[]): HttpProblem {
  const given = path.split('/');
  const here = ({ parts }: Route): boolean =>
    parts.length === given.length && parts.every((part, i) => part === given[i] || (part.startsWith(':') && given[i] !== ''));
  const allow = [...new Set(routes.filter(here).map((route) => route.method))].toSorted();
  if (allow.length === 0) return new HttpProblem(404, 'not-found', 'unknown path; /openapi.json lists all paths');
  const methods = allow.filter((name) => name !== 'HEAD').join(' or ');
  return new HttpProblem(
    405,
    'method-not-allowed',
    `${method} is not allowed for this path; use ${methods}`,
    {},
    { allow: allow.join(', ') },
  );
}

export const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/';

/** Codes for the errors of Fastify itself. */
const codes: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'empty-body',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad-content-length',
};

function asProblem(error: FastifyError | HttpProblem, known: (error: unknown) => HttpProblem | undefined): HttpProblem {
  if (error instanceof HttpProblem) return error;
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return new HttpProblem(status, own(codes, error.code) ?? 'bad-request', error.message);
  const expected = known(error);
  if (expected !== undefined) return expected;
  return new HttpProblem(500, 'internal-error', 'internal error; the log has the cause under this request_id');
}
