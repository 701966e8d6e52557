/** Triage changes in words: for the history of an alert, and for changes by somebody else. */
import type { HistoryEntry } from '../../../engine/core/alert/triage.ts';
import { words } from '../lib/format.ts';

/** `open → acknowledged, assigned to ann`; empty for a note alone. */
export function changeText({ status, assignee, verdict }: HistoryEntry): string {
  const all = [
    ...(status === undefined ? [] : [`${words(status[0] ?? 'new')} → ${words(status[1] ?? 'new')}`]),
    ...(verdict === undefined ? [] : [verdict[1] === null ? `verdict ${words(verdict[0]!)} removed` : words(verdict[1])]),
    ...(assignee === undefined ? [] : [assignee[1] === null ? `unassigned from ${assignee[0]!}` : `assigned to ${assignee[1]}`]),
  ];
  return all.join(', ');
}

/**
 * The entries after the revision last seen. Each triage change adds one entry and increments the revision.
 * @param revision the current revision of the alert
 */
export const since = (history: readonly HistoryEntry[], seen: number, revision: number): readonly HistoryEntry[] =>
  revision <= seen ? [] : history.slice(-Math.min(history.length, revision - seen));
