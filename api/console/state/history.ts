/** Changes of triage in words: the history of an alert, and what somebody else did meanwhile. */
import type { HistoryEntry } from '../../../engine/core/alert/triage.ts';
import { words } from '../lib/format.ts';

/** `open → acknowledged, for ann`; empty for a note alone. */
export function changeText({ status, assignee, verdict }: HistoryEntry): string {
  const all = [
    ...(status === undefined ? [] : [`${words(status[0] ?? 'new')} → ${words(status[1] ?? 'new')}`]),
    ...(verdict === undefined ? [] : [verdict[1] === null ? `no longer ${words(verdict[0]!)}` : words(verdict[1])]),
    ...(assignee === undefined ? [] : [assignee[1] === null ? `no longer for ${assignee[0]!}` : `for ${assignee[1]}`]),
  ];
  return all.join(', ');
}

/**
 * What came after the revision that was seen. Each change of triage adds one entry and one to the revision.
 * @param revision of the alert as it is now
 */
export const since = (history: readonly HistoryEntry[], seen: number, revision: number): readonly HistoryEntry[] =>
  revision <= seen ? [] : history.slice(-Math.min(history.length, revision - seen));
