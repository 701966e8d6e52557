/** For operators: dead letters. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { Cursors } from '../http/cursor.ts';
import type { DeadLetters } from '../ports.ts';
import { deadLetterPage, deadLetterQuery } from '../schemas/operations.ts';
import { problems } from '../schemas/problem.ts';

export type OperationParts = { readonly deadLetters: DeadLetters };

const tags = ['operations'];

export const operationRoutes =
  (parts: OperationParts, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/dead-letters',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'listDeadLetters',
          summary: 'Events that were given up, with the stage and the cause, newest first',
          tags,
          querystring: deadLetterQuery,
          response: { 200: deadLetterPage, ...problems(400, 503) },
        },
      },
      async (request) => {
        const { cursor, limit } = request.query;
        const after = cursor === undefined ? undefined : cursors.open(cursor, 'dead-letters');
        const page = await parts.deadLetters.list({ limit, after });
        const next = page.next === undefined ? null : cursors.seal(page.next, 'dead-letters');
        return { dead_letters: [...page.letters], next_cursor: next };
      },
    );
  };
