/** `GET /v1/alerts` and `GET /v1/alerts/:id`. */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { readTime } from '../../engine/core/time.ts';
import { invalidCursor, type Cursors } from '../cursor.ts';
import { CursorError, type AlertQuery } from '../../engine/core/alert-query.ts';
import type { AlertReader } from '../ports.ts';
import { HttpProblem } from '../problem.ts';
import { alert, alertPage, alertQuery } from '../schemas/alert.ts';
import { problems } from '../schemas/problem.ts';

type Query = z.output<typeof alertQuery>;

export const alertRoutes =
  (alerts: AlertReader, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      '/v1/alerts',
      {
        config: { scope: 'read' },
        schema: {
          operationId: 'searchAlerts',
          summary: 'Alerts, newest first; all filters given must hold',
          tags: ['alerts'],
          querystring: alertQuery,
          response: { 200: alertPage, ...problems(400, 503) },
        },
      },
      async (request, reply) => {
        const { cursor, limit, ...filters } = request.query;
        const scope = `alerts ${JSON.stringify(filters, Object.keys(filters).toSorted())}`;
        const after = cursor === undefined ? undefined : cursors.open(cursor, scope);
        const page = await alerts.search(readQuery(request.query, after)).catch(badCursor);
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
          summary: 'One alert',
          tags: ['alerts'],
          params: z.strictObject({ id: z.string().max(256) }),
          response: { 200: alert, ...problems(404, 503) },
        },
      },
      async (request) => {
        const found = await alerts.get(request.params.id);
        if (found === undefined) throw new HttpProblem(404, 'no-such-alert', `there is no alert ${JSON.stringify(request.params.id)}`);
        return found as z.output<typeof alert>;
      },
    );
  };

function badCursor(error: unknown): never {
  throw error instanceof CursorError ? invalidCursor() : error;
}

function readQuery(query: Query, after: string | undefined): AlertQuery {
  const colon = query.entity?.indexOf(':') ?? -1;
  return {
    status: query.status,
    level: query.level,
    minLevel: query.min_level,
    rule: query.rule,
    entity: query.entity === undefined ? undefined : { field: query.entity.slice(0, colon), value: query.entity.slice(colon + 1) },
    since: timeParameter('since', query.since),
    until: timeParameter('until', query.until),
    shadow: query.shadow === 'true',
    limit: query.limit,
    after,
  };
}

function timeParameter(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  // A query writes a space for the plus of an offset when it was not escaped.
  const ms = readTime(value.replace(/ (\d\d:?\d\d)$/, '+$1'));
  if (typeof ms === 'number') return ms;
  throw new HttpProblem(400, 'invalid-request', `/query/${name}: ${ms.detail}`, {
    errors: [{ pointer: `/query/${name}`, detail: ms.detail }],
  });
}

function nextLink(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `</v1/alerts?${new URLSearchParams(given)}>; rel="next"`;
}
