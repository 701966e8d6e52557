/**
 * `POST /v1/alerts/triage`: one request reads a page of a search and changes each of its alerts that still matches. The
 * cursor continues after the last alert processed, so that every call makes progress, whether or not the changed alerts
 * still match the filter.
 */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import type { Alert } from '../../engine/core/alert/alert.ts';
import { CursorError, type AlertQuery } from '../../engine/core/alert/query.ts';
import { triage as apply, type Author, type TriageChange } from '../../engine/core/alert/triage.ts';
import type { TriageAnswer } from '../../engine/runtime/alert/triage.ts';
import { notifyTurned } from '../../engine/runtime/deliver/closings.ts';
import type { AlertStore } from '../../engine/runtime/forward/ports.ts';
import { readFilters } from './alert-filter.ts';
import { invalidCursor, type Cursors } from '../http/cursor.ts';
import { problems } from '../schemas/problem.ts';
import { bulkAnswer, bulkRequest } from '../schemas/triage.ts';
import { auditDetail, type TriageParts } from './triage.ts';

export type BulkParts = TriageParts & { readonly alerts: Pick<AlertStore, 'search'> };

export const bulkTriageRoutes =
  (parts: BulkParts, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    const { audit } = parts;

    app.post(
      '/v1/alerts/triage',
      {
        config: { scope: 'triage' },
        schema: {
          operationId: 'triageAlerts',
          summary: 'Triage all alerts that match a filter',
          description: 'Processes one page per request, newest first.',
          tags: ['alerts'],
          body: bulkRequest,
          response: { 200: bulkAnswer, ...problems(400, 415, 503) },
        },
      },
      async (request) => {
        const { filter, change, limit, cursor, dry_run: dryRun } = request.body;
        const scope = `triage ${JSON.stringify(filter, Object.keys(filter).toSorted())}`;
        const after = cursor === undefined ? undefined : cursors.open(cursor, scope);
        const query = { ...readFilters(filter, '/body/filter'), limit, after };
        const { who } = request;
        const audited = async (subject: string, detail: object): Promise<void> =>
          audit({ who, action: 'alert.triage', subject, detail: { ...auditDetail(change), ...detail } });
        if (!dryRun) await audited('bulk', { filter });
        const by = { who, at: new Date(parts.now()).toISOString() };
        const { next, matched, changed, unchanged, refused, answers } = await bulkTriage(parts, { query, change, by, dryRun }).catch(
          (error: unknown) => {
            throw error instanceof CursorError ? invalidCursor() : error;
          },
        );
        if (!dryRun) await Promise.all(changed.map((id) => audited(id, { bulk: true })));
        if (!dryRun) await notifyTurned(parts, change, answers);
        const sealed = next === undefined ? null : cursors.seal(next, scope);
        return {
          dry_run: dryRun,
          matched,
          changed: changed.length,
          unchanged,
          refused: [...refused],
          more: sealed !== null,
          next_cursor: sealed,
        };
      },
    );
  };

type Bulk = { readonly query: AlertQuery; readonly change: TriageChange; readonly by: Author; readonly dryRun: boolean };

type BulkDone = {
  readonly matched: number;
  /** Ids. */
  readonly changed: readonly string[];
  readonly unchanged: number;
  readonly refused: readonly { readonly id: string; readonly because: string }[];
  /** Where the search continues. */
  readonly next: string | undefined;
  /** The answers of the store; empty for a dry run. */
  readonly answers: readonly TriageAnswer[];
};

type Fate = { readonly kind: string; readonly because?: string };

/** @throws CursorError */
async function bulkTriage({ alerts, triage, meter }: BulkParts, { query, change, by, dryRun }: Bulk): Promise<BulkDone> {
  const page = await alerts.search(query);
  const answers = dryRun ? [] : await triage.triage(page.alerts.map(({ id }) => ({ id, change, by, only: query })));
  const fates: readonly Fate[] = dryRun ? page.alerts.map((alert) => foreseen(alert, change, by)) : answers;
  if (!dryRun) for (const { kind } of fates) meter.addTo('triaged', kind);
  const ids = (kind: string): string[] => page.alerts.flatMap(({ id }, i) => (fates[i]!.kind === kind ? [id] : []));
  return {
    matched: fates.filter(({ kind }) => kind !== 'gone' && kind !== 'elsewhere').length,
    changed: ids('changed'),
    unchanged: ids('unchanged').length,
    refused: page.alerts.flatMap(({ id }, i) => (fates[i]!.kind === 'refused' ? [{ id, because: fates[i]!.because ?? '' }] : [])),
    next: page.next,
    answers,
  };
}

const foreseen = ({ status, assignee, verdict, revision = 0 }: Alert, change: TriageChange, by: Author): Fate =>
  apply({ status, assignee, verdict, revision }, change, undefined, by);
