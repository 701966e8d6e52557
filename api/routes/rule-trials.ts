/**
 * Trials of rules: check a file, run events through rules. What they cost is up to the client, so nothing of it happens
 * here: a request takes one of a few seats before its body is read, and the body goes to the trials' thread unparsed.
 */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { limits } from '../../engine/core/limits.ts';
import type { TrialOutcome, TrialTask } from '../../engine/runtime/rules/trial.ts';
import type { RuleTrials, TrialSeat } from '../../engine/runtime/rules/trials.ts';
import { HttpProblem } from '../http/problem.ts';
import { problems } from '../schemas/problem.ts';
import { checkAnswer, testAnswer, testRequest } from '../schemas/rules.ts';

const tags = ['rules'];
const refusals = problems(400, 413, 415, 422, 503);

export const testRoute =
  (trials: RuleTrials): FastifyPluginAsyncZod =>
  async (app) => {
    const run = useSeats(app, trials);
    app.removeContentTypeParser('application/json');
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post(
      '/v1/rules/test',
      {
        config: { scope: 'read' },
        bodyLimit: limits.requestBytesMax,
        // The thread checks the body: it is not even parsed here.
        validatorCompiler: () => (value: unknown) => ({ value }),
        schema: {
          operationId: 'testRules',
          summary: 'Test rules with events',
          description: 'Runs the events through the rules as `weir replay` does, without any effect on the running engine.',
          tags,
          body: testRequest,
          response: { 200: testAnswer, ...refusals },
        },
      },
      async (request, reply) => {
        const body: unknown = request.body;
        if (!Buffer.isBuffer(body)) throw new HttpProblem(400, 'invalid-request', '/body: must be a JSON object');
        if (body.length === 0) throw new HttpProblem(400, 'empty-body', 'the body is empty: send rules and events');
        return run(request, reply, { kind: 'test', body });
      },
    );
  };

export const checkRoute =
  (trials: RuleTrials): FastifyPluginAsyncZod =>
  async (app) => {
    const run = useSeats(app, trials);
    // A JSON body stays text, so that problems have lines and columns.
    app.removeAllContentTypeParsers();
    const types = ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml', 'text/plain'];
    app.addContentTypeParser(types, { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.post(
      '/v1/rules/check',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'checkRules',
          summary: 'Check a rule file',
          description: 'The body is the text of the file, YAML or JSON.',
          tags,
          querystring: z.strictObject({ file: z.string().max(256).optional().describe('File name to show in the problems') }),
          response: { 200: checkAnswer, ...refusals },
        },
      },
      async (request, reply) => {
        const { body } = request;
        if (typeof body !== 'string' || body.trim() === '')
          throw new HttpProblem(400, 'empty-body', 'the body is empty: send the text of a rule file');
        const json = request.headers['content-type']?.includes('json') === true;
        return run(request, reply, { kind: 'check', text: body, file: request.query.file ?? (json ? 'body.json' : 'body.yaml') });
      },
    );
  };

type Held = { readonly seat: TrialSeat; readonly gone: AbortController };

/** Gives each request of the app a seat before its body is read. @returns runs a task in the request's seat */
function useSeats(app: FastifyInstance, trials: RuleTrials) {
  const held = new WeakMap<FastifyRequest, Held>();
  app.addHook('preParsing', async (request, reply) => {
    const seat = trials.take();
    if (seat === undefined) throw new HttpProblem(503, 'busy', 'too many rules are being checked or tested', {}, { 'retry-after': '1' });
    const gone = new AbortController();
    held.set(request, { seat, gone });
    // Closes with the answer, and also when the client goes before there is one.
    reply.raw.once('close', () => {
      gone.abort();
      seat.release();
    });
  });
  return async (request: FastifyRequest, reply: FastifyReply, task: TrialTask): Promise<never> => {
    const { seat, gone } = held.get(request)!;
    const json = jsonOf(await seat.run(task, gone.signal));
    return reply.type('application/json; charset=utf-8').send(Buffer.from(json.buffer, json.byteOffset, json.byteLength)) as never;
  };
}

/** @throws HttpProblem unless there is an answer */
function jsonOf(outcome: TrialOutcome): Uint8Array<ArrayBuffer> {
  switch (outcome.kind) {
    case 'answer':
      return outcome.json;
    case 'invalid': {
      const { code, pointer, detail } = outcome;
      if (pointer === undefined) throw new HttpProblem(400, code, detail);
      throw new HttpProblem(400, code, `${pointer}: ${detail}`, { errors: [{ pointer, detail }] });
    }
    case 'stopped':
      throw new HttpProblem(
        422,
        'trial-too-costly',
        `${stopped[outcome.bound]}; send fewer rules or events, or run weir test or weir replay`,
      );
    case 'gone':
      throw new HttpProblem(408, 'request-timeout', 'the client closed the connection');
  }
}

const stopped = {
  time: `stopped after ${limits.trialMsMax / 1000} seconds`,
  memory: `stopped at ${limits.trialHeapBytesMax / 1024 / 1024} MiB of memory`,
  answer: `the answer would exceed ${limits.trialAnswerBytesMax / 1024 / 1024} MiB`,
} as const;
