/**
 * `/v1/dead-letters`: lists events that were given up, retries them (ingests them again) and discards them: one, several,
 * or all of a stage.
 */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { z } from 'zod';
import type { Audit } from '../../engine/runtime/access/audit.ts';
import type { DeadLetters, LetterFate, StoredDeadLetter } from '../../engine/runtime/decode/dead-letters.ts';
import type { EventSink } from '../../engine/runtime/ingest/sink.ts';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import type { Cursors } from '../http/cursor.ts';
import { HttpProblem } from '../http/problem.ts';
import { refusedProblem } from '../http/refused.ts';
import {
  deadLetter,
  letterAnswer,
  letterBulk,
  letterBulkAnswer,
  letterParams,
  deadLetterPage,
  deadLetterQuery,
} from '../schemas/dead-letters.ts';
import { problems } from '../schemas/problem.ts';

export type DeadLetterParts = {
  readonly deadLetters: DeadLetters;
  readonly sink: Pick<EventSink, 'refusal'>;
  readonly audit: Audit;
  readonly meter: Meter;
};

type Verb = 'retry' | 'discard';

/** Retries or discards dead letters; the fates are in the order of the ids. @throws HttpProblem while ingest would refuse a retry */
type Decide = (who: string, verb: Verb, ids: readonly string[]) => Promise<readonly LetterFate[]>;

const tags = ['operations'];
const config = { scope: 'triage' } as const;

export const deadLetterRoutes =
  (parts: DeadLetterParts, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    const { deadLetters } = parts;
    const decide = decider(parts);
    await app.register(readRoutes(deadLetters, cursors));
    await app.register(singleRoutes(deadLetters, decide));
    await app.register(bulkRoutes(deadLetters, decide, cursors));
  };

function decider({ deadLetters, sink, audit, meter }: DeadLetterParts): Decide {
  return async (who, verb, ids) => {
    const refusal = verb === 'retry' ? sink.refusal() : undefined;
    if (refusal !== undefined) throw refusedProblem(refusal);
    // The audit log comes first: once a letter is gone, a repeated request could not tell that it had existed.
    await Promise.all(ids.map((subject) => audit({ who, action: `dead-letter.${verb}`, subject })));
    const fates = await deadLetters[verb](ids);
    for (const fate of fates) meter.addTo('letters', fate);
    return fates;
  };
}

const readRoutes =
  (deadLetters: Pick<DeadLetters, 'list' | 'get'>, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/dead-letters',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'listDeadLetters',
          summary: 'List dead letters, newest first',
          description: 'Events that were given up, with the stage and the cause.',
          tags,
          querystring: deadLetterQuery,
          response: { 200: deadLetterPage, ...problems(400, 503) },
        },
      },
      async (request) => {
        const { cursor, limit } = request.query;
        const after = cursor === undefined ? undefined : cursors.open(cursor, 'dead-letters');
        const page = await deadLetters.list({ limit, after });
        const next = page.next === undefined ? null : cursors.seal(page.next, 'dead-letters');
        return { dead_letters: [...page.letters], next_cursor: next };
      },
    );

    app.get(
      '/v1/dead-letters/:id',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'getDeadLetter',
          summary: 'Get a dead letter',
          tags,
          params: letterParams,
          response: { 200: deadLetter, ...problems(404, 503) },
        },
      },
      async (request) => (await existing(deadLetters, request.params.id)) as z.output<typeof deadLetter>,
    );
  };

const singleRoutes =
  (deadLetters: Pick<DeadLetters, 'get'>, decide: Decide): FastifyPluginAsyncZod =>
  async (app) => {
    const one = async (who: string, verb: Verb, id: string): Promise<z.output<typeof letterAnswer>> => {
      const letter = await existing(deadLetters, id);
      if (verb === 'retry' && !letter.retryable) throw notRetryable(id);
      const [fate] = await decide(who, verb, [id]);
      if (fate === 'not_retryable') throw notRetryable(id);
      if (fate === undefined || fate === 'gone') throw noSuchLetter(id);
      return { id, outcome: fate };
    };

    app.post(
      '/v1/dead-letters/:id/retry',
      {
        config,
        schema: {
          operationId: 'retryDeadLetter',
          summary: 'Retry a dead letter',
          description: 'Ingests its event again with the same id and time, and removes the dead letter.',
          tags,
          params: letterParams,
          response: { 200: letterAnswer, ...problems(404, 409, 429, 503) },
        },
      },
      async ({ who, params }) => one(who, 'retry', params.id),
    );

    app.delete(
      '/v1/dead-letters/:id',
      {
        config,
        schema: {
          operationId: 'discardDeadLetter',
          summary: 'Discard a dead letter permanently',
          tags,
          params: letterParams,
          response: { 200: letterAnswer, ...problems(404, 503) },
        },
      },
      async ({ who, params }) => one(who, 'discard', params.id),
    );
  };

const bulkRoutes =
  (deadLetters: Pick<DeadLetters, 'list'>, decide: Decide, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    for (const verb of ['retry', 'discard'] as const) {
      app.post(
        `/v1/dead-letters/${verb}`,
        {
          config,
          schema: {
            operationId: `${verb}DeadLetters`,
            summary: `${verb === 'retry' ? 'Retry' : 'Discard'} dead letters in bulk`,
            description: 'Processes the given ids, or the dead letters of a stage page by page, newest first.',
            tags,
            body: letterBulk,
            response: { 200: letterBulkAnswer, ...problems(400, 415, 429, 503) },
          },
        },
        async ({ who, body }) => {
          const { ids, stage, limit, cursor, dry_run: dryRun } = body;
          const scope = `dead-letters ${verb} ${stage ?? ''}`;
          const after = cursor === undefined ? undefined : cursors.open(cursor, scope);
          const page = ids === undefined ? await deadLetters.list({ limit, after }) : { letters: [], next: undefined };
          const chosen = ids ?? page.letters.filter((letter) => stage === undefined || letter.stage === stage).map(({ id }) => id);
          const asked = [...new Set(chosen)];
          const fates = dryRun ? [] : await decide(who, verb, asked);
          const which = (fate: LetterFate): string[] => asked.filter((_, i) => fates[i] === fate);
          const next = page.next === undefined ? null : cursors.seal(page.next, scope);
          return {
            dry_run: dryRun,
            matched: asked.length,
            done: which('retried').length + which('discarded').length,
            not_retryable: which('not_retryable'),
            gone: which('gone'),
            more: next !== null,
            next_cursor: next,
          };
        },
      );
    }
  };

async function existing(deadLetters: Pick<DeadLetters, 'get'>, id: string): Promise<StoredDeadLetter> {
  const letter = await deadLetters.get(id);
  if (letter === undefined) throw noSuchLetter(id);
  return letter;
}

const noSuchLetter = (id: string): HttpProblem =>
  new HttpProblem(404, 'no-such-dead-letter', `no dead letter with the id ${JSON.stringify(id)}; it may have been retried or discarded`);

const notRetryable = (id: string): HttpProblem =>
  new HttpProblem(409, 'not-retryable', `${id} is unreadable, or its text was cut: send the event again, or discard the dead letter`);
