/** `PATCH /v1/alerts/:id` and `POST /v1/alerts/triage`: triage of one alert, or of many (engine/core/alert/triage.ts). */
import type { FastifyPluginAsyncZod } from '@fastify/type-provider-zod';
import { z } from 'zod';
import { CursorError, type AlertQuery } from '../../engine/core/alert/query.ts';
import { overwrites, type TriageChange, triage as apply, type Author } from '../../engine/core/alert/triage.ts';
import { closedBy, notifyClosed } from '../../engine/runtime/deliver/closings.ts';
import type { Audit } from '../../engine/runtime/access/audit.ts';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import type { TriageAnswer, TriageStore } from '../../engine/runtime/alert/triage.ts';
import type { FanOut } from '../../engine/runtime/deliver/ports.ts';
import { readFilters } from './alert-filter.ts';
import { invalidCursor, type Cursors } from '../http/cursor.ts';
import { readIfMatch, tagOf } from '../http/if-match.ts';
import type { AlertReader } from '../ports.ts';
import { HttpProblem } from '../http/problem.ts';
import { alertWithHistory } from '../schemas/alert.ts';
import { problems } from '../schemas/problem.ts';
import { bulkAnswer, bulkRequest, triageChange } from '../schemas/triage.ts';
import type { Alert } from '../../engine/core/alert/alert.ts';

export type TriageParts = {
  readonly alerts: AlertReader;
  readonly triage: TriageStore;
  readonly fanOut: FanOut;
  readonly audit: Audit;
  readonly meter: Meter;
  readonly now: () => number;
};

export const triageRoutes =
  (parts: TriageParts, cursors: Cursors): FastifyPluginAsyncZod =>
  async (app) => {
    const { triage, audit, meter } = parts;

    app.patch(
      '/v1/alerts/:id',
      {
        config: { scope: 'triage' },
        schema: {
          operationId: 'triageAlert',
          summary: 'Triage an alert: status, assignee, verdict, note',
          description:
            'If-Match must be the ETag of the alert as last seen (its revision, "0" before the first change), so that nobody overwrites an unseen change; * overwrites any. A note alone needs no If-Match. Repeating a successful change answers 200 and adds nothing.',
          tags: ['alerts'],
          params: z.strictObject({ id: z.string().max(256) }),
          headers: z.looseObject({ 'if-match': z.string().optional().describe('The ETag, such as "3", or *') }),
          body: triageChange,
          response: { 200: alertWithHistory, ...problems(400, 404, 412, 415, 428, 503) },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        const { who, body } = request;
        const seen = readIfMatch(request.headers['if-match']);
        if (seen === undefined && overwrites(body)) throw revisionRequired();
        const by = { who, at: new Date(parts.now()).toISOString() };
        const [answer] = await triage.triage([{ id, change: body, by, revision: seen === 'any' ? undefined : seen }]);
        meter.addTo('triaged', answer!.kind);
        const { kind, alert } = settled(id, answer!);
        // A repeat is audited too: the change may have succeeded before while its audit entry failed.
        const repeated = kind === 'unchanged' ? { repeated: true } : {};
        await audit({ who, action: 'alert.triage', subject: id, detail: { ...auditDetail(body), ...repeated } });
        await notifyClosed(parts, closedBy(body, [answer!]));
        const { entries, dropped } = await triage.history(id);
        reply.header('etag', tagOf(alert.revision));
        return { ...alert, history: [...entries], history_dropped: dropped } as z.output<typeof alertWithHistory>;
      },
    );

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
        await notifyClosed(parts, closedBy(change, answers));
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

/** Characters of a note that the audit log repeats; the history has all of it. */
const auditedNoteMax = 200;

const auditDetail = ({ note, ...change }: TriageChange) => ({
  ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  ...(note === undefined ? {} : { note: note.slice(0, auditedNoteMax) }),
});

/** @throws HttpProblem if the change was not made */
function settled(id: string, answer: TriageAnswer): Extract<TriageAnswer, { alert: unknown }> & { kind: 'changed' | 'unchanged' } {
  switch (answer.kind) {
    case 'changed':
    case 'unchanged':
      return answer;
    case 'conflict': {
      const { revision = 0, status, assignee = null, verdict = null } = answer.alert;
      const now = { revision, status, assignee, verdict };
      throw new HttpProblem(
        412,
        'alert-changed',
        'the alert has been changed by somebody else; look at it again',
        { now },
        { etag: tagOf(revision) },
      );
    }
    case 'refused':
      throw new HttpProblem(
        400,
        'verdict-required',
        'a closed alert must have a verdict: true_positive, false_positive, benign or duplicate',
        {
          errors: [{ pointer: '/body/verdict', detail: 'is required to close an alert, and cannot be removed while it is closed' }],
        },
      );
    default:
      throw new HttpProblem(404, 'no-such-alert', `no alert with the id ${JSON.stringify(id)}`);
  }
}

const revisionRequired = (): HttpProblem =>
  new HttpProblem(
    428,
    'revision-required',
    'this change requires If-Match: the ETag of the alert as last seen, or * to overwrite any change',
    {
      errors: [{ pointer: '/headers/if-match', detail: 'is missing' }],
    },
  );

/**
 * One request of bulk triage: reads a page of the search and changes each of its alerts that still matches. The cursor
 * continues after the last alert processed, so that every call makes progress, whether or not the changed alerts still
 * match the filter.
 */
export type BulkParts = { readonly alerts: Pick<AlertReader, 'search'>; readonly triage: TriageStore; readonly meter: Meter };

export type Bulk = { readonly query: AlertQuery; readonly change: TriageChange; readonly by: Author; readonly dryRun: boolean };

export type BulkDone = {
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
export async function bulkTriage({ alerts, triage, meter }: BulkParts, { query, change, by, dryRun }: Bulk): Promise<BulkDone> {
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
