/**
 * What Node and Fastify answer with a bare status, or accept although it is not valid HTTP: a request without exactly one
 * Host, an expectation other than 100-continue; and an empty body that is announced as JSON, which many clients send with
 * requests that need no body.
 */
import type { FastifyInstance } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import { HttpProblem, problemType } from './problem.ts';

/** Call before any other hook. The server must have `requireHostHeader: false`, or Node answers first. */
export function useStrictHttp(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    const hosts = raw.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
    if (hosts > 1) throw new HttpProblem(400, 'bad-request', 'the request has more than one Host header', {}, { connection: 'close' });
    if (hosts === 0 && raw.httpVersion === '1.1')
      throw new HttpProblem(400, 'bad-request', 'the request has no Host header', {}, { connection: 'close' });
  });
  app.server.on('checkExpectation', (_request, response: ServerResponse) => refuseExpectation(response));

  const readJson = app.getDefaultJsonParser('ignore', 'ignore');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    const schema = request.routeOptions.schema?.body as z.ZodType | undefined;
    const needsNone = schema === undefined || schema.safeParse(undefined).success;
    if (text === '' && needsNone) done(null, undefined);
    else void readJson(request, text as string, done);
  });
}

/** No request reaches the app here. */
function refuseExpectation(response: ServerResponse): void {
  const [status, code, detail] = [417, 'expectation-failed', 'only the expectation 100-continue is supported'];
  const body = JSON.stringify({
    type: `urn:weir:problem:${code}`,
    title: 'Expectation failed',
    status,
    code,
    detail,
    instance: '',
    request_id: '',
  });
  response.writeHead(status, { 'content-type': problemType, 'content-length': Buffer.byteLength(body), connection: 'close' }).end(body);
}
