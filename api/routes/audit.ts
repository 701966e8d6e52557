/** `GET /v1/audit`: the audit log, newest first. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { AuditLog } from '../../engine/runtime/access/audit.ts';
import type { Cursors } from '../http/cursor.ts';
import { auditPage, auditQuery } from '../schemas/audit.ts';
import { problems } from '../schemas/problem.ts';

export const auditRoutes =
  (log: AuditLog, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/audit',
      {
        config: { scope: 'admin' },
        schema: {
          operationId: 'listAudit',
          summary: 'List audit log entries, newest first',
          description: 'An entry must match all filters. A page may hold fewer entries than `limit` and still have a next page.',
          tags: ['access'],
          querystring: auditQuery,
          response: { 200: auditPage, ...problems(400, 503) },
        },
      },
      async (request) => {
        const { cursor, limit, ...filter } = request.query;
        const scope = `audit ${JSON.stringify(filter, Object.keys(filter).toSorted())}`;
        const after = cursor === undefined ? undefined : cursors.open(cursor, scope);
        const { entries, next } = await log.list({ ...filter, limit, after });
        return { entries: [...entries], next_cursor: next === undefined ? null : cursors.seal(next, scope) };
      },
    );
  };
