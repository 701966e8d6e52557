/**
 * One request of bulk triage: a page of the search, and each of its alerts changed if it still fits at that moment.
 * The cursor goes on behind the last alert that was looked at, so that every call makes progress, whether or not the
 * change takes alerts out of the filter.
 */
import type { Alert } from '../../engine/core/alert/alert.ts';
import type { AlertQuery } from '../../engine/core/alert/query.ts';
import { triage as judge, type Author, type TriageChange } from '../../engine/core/alert/triage.ts';
import type { Meter } from '../../engine/runtime/metering/meter.ts';
import type { TriageAnswer, TriageStore } from '../../engine/runtime/alert/triage.ts';
import type { AlertReader } from '../ports.ts';

export type BulkParts = { readonly alerts: Pick<AlertReader, 'search'>; readonly triage: TriageStore; readonly meter: Meter };

export type Bulk = { readonly query: AlertQuery; readonly change: TriageChange; readonly by: Author; readonly dryRun: boolean };

export type BulkDone = {
  readonly matched: number;
  /** Ids. */
  readonly changed: readonly string[];
  readonly unchanged: number;
  readonly refused: readonly { readonly id: string; readonly because: string }[];
  /** Place in the search. */
  readonly next: string | undefined;
  /** What the store said; none of a dry run. */
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
  judge({ status, assignee, verdict, revision }, change, undefined, by);
