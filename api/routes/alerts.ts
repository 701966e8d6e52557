/** `GET /v1/alerts` and `GET /v1/alerts/:id`. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { CursorError } from '../../engine/core/alert/query.ts';
import type { TriageStore } from '../../engine/runtime/alert/triage.ts';
import type { AlertStore } from '../../engine/runtime/forward/ports.ts';
import { readFilters } from './alert-filter.ts';
import { invalidCursor, type Cursors } from '../http/cursor.ts';
import { tagOf } from '../http/if-match.ts';
import { HttpProblem } from '../http/problem.ts';
import { alert, alertPage, alertQuery, alertWithHistory } from '../schemas/alert.ts';
import { problems } from '../schemas/problem.ts';

export const alertRoutes =
  (alerts: Pick<AlertStore, 'search' | 'get'>, triage: Pick<TriageStore, 'history'>, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/alerts',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'searchAlerts',
          summary: 'Search alerts, newest first',
          description: 'An alert must match all filters. A page may hold fewer alerts than `limit` and still have a next page.',
          tags: ['alerts'],
          querystring: alertQuery,
          response: { 200: alertPage, ...problems(400, 503) },
        },
      },
      async (request, reply) => {
        const { cursor, limit, ...filters } = request.query;
        const scope = `alerts ${JSON.stringify(filters, Object.keys(filters).toSorted())}`;
        const after = cursor === undefined ? undefined : cursors.open(cursor, scope);
        const page = await alerts.search({ ...readFilters(filters, '/query'), limit, after }).catch(badCursor);
        const next = page.next === undefined ? null : cursors.seal(page.next, scope);
        if (next !== null) reply.header('link', nextLink({ ...filters, limit: String(limit), cursor: next }));
        return { alerts: [...page.alerts] as z.output<typeof alert>[], next_cursor: next };
      },
    );

    app.get(
      '/v1/alerts/:id',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'getAlert',
          summary: 'Get an alert with its triage history',
          tags: ['alerts'],
          params: z.strictObject({ id: z.string().max(256) }),
          response: { 200: alertWithHistory, ...problems(404, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const found = await alerts.get(id);
        if (found === undefined) throw new HttpProblem(404, 'no-such-alert', `no alert with the id ${JSON.stringify(id)}`);
        const { entries, dropped } = await triage.history(id);
        reply.header('etag', tagOf(found.revision));
        return { ...found, history: [...entries], history_dropped: dropped } as z.output<typeof alertWithHistory>;
      },
    );
  };

function badCursor(error: unknown): never {
  throw error instanceof CursorError ? invalidCursor() : error;
}

function nextLink(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `</v1/alerts?${new URLSearchParams(given)}>; rel="next"`;
}
