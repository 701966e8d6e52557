/**
 * Triage: the state of an alert that analysts change, separate from what the engine writes.
 *
 *     open ⇄ acknowledged ⇄ closed        any state may follow any other; leaving closed is a reopening
 *
 * - A closed alert has a verdict: closing without one is refused, since precision is computed from verdicts. A reopened
 *   alert has none, unless the same change sets one.
 * - `revision` counts the changes. A change that can overwrite another names the revision last seen. The engine's own
 *   numbers (count, last_seen) do not change it, or a busy alert could never be triaged.
 * - A repeated change, which leaves everything as it is, changes nothing and adds no history.
 *
 * Pure: the stores compare the revision and write the result in one step.
 */
import type { AlertStatus, VerdictLabel } from './alert.ts';

export type TriageState = {
  readonly status: AlertStatus;
  readonly assignee: string | undefined;
  readonly verdict: VerdictLabel | undefined;
  readonly revision: number;
};

/** Undefined: unchanged; null: removed. */
export type TriageChange = {
  readonly status?: AlertStatus | undefined;
  readonly assignee?: string | null | undefined;
  readonly verdict?: VerdictLabel | null | undefined;
  readonly note?: string | undefined;
};

type FromTo = readonly [from: string | null, to: string | null];

/** One change: when (RFC 3339), by whom, and each changed field. */
export type HistoryEntry = {
  readonly at: string;
  readonly who: string;
  readonly status?: FromTo;
  readonly assignee?: FromTo;
  readonly verdict?: FromTo;
  readonly note?: string;
};

/** Newest last. `dropped`: number of older entries removed at the bound. */
export type History = { readonly entries: readonly HistoryEntry[]; readonly dropped: number };

export type Author = { readonly who: string; readonly at: string };

export type Triaged =
  | { readonly kind: 'changed'; readonly state: TriageState; readonly entry: HistoryEntry }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly because: 'verdict-required' };

/** @param last the newest entry of the history, to recognise a repeated note */
export function triage(state: TriageState, change: TriageChange, last: HistoryEntry | undefined, { who, at }: Author): Triaged {
  const status = change.status ?? state.status;
  const assignee = change.assignee === undefined ? state.assignee : (change.assignee ?? undefined);
  const reopened = state.status === 'closed' && status !== 'closed';
  const kept = reopened ? undefined : state.verdict;
  const verdict = change.verdict === undefined ? kept : (change.verdict ?? undefined);
  if (status === 'closed' && verdict === undefined) return { kind: 'refused', because: 'verdict-required' };
  const fields = {
    ...difference('status', state.status, status),
    ...difference('assignee', state.assignee, assignee),
    ...difference('verdict', state.verdict, verdict),
  };
  const same = Object.keys(fields).length === 0;
  const repeated = change.note === undefined || (last?.who === who && last.note === change.note);
  if (same && repeated) return { kind: 'unchanged' };
  const note = change.note === undefined ? {} : { note: change.note };
  return {
    kind: 'changed',
    state: { status, assignee, verdict, revision: state.revision + 1 },
    entry: { at, who, ...fields, ...note },
  };
}

function difference(name: 'status' | 'assignee' | 'verdict', from: string | undefined, to: string | undefined): { [name]?: FromTo } {
  return from === to ? {} : { [name]: [from ?? null, to ?? null] };
}

/**
 * A closing or a reopening of an alert, of which webhooks are notified. `turn` counts them from 1: closings are odd,
 * reopenings even.
 */
export type Turn = {
  readonly id: string;
  readonly turn: number;
  readonly status: AlertStatus;
  readonly verdict: VerdictLabel | undefined;
  /** Epoch ms. */
  readonly at: number;
};

/** The properties used by filters. */
export const triageFacts = ({ status, assignee, verdict }: Omit<TriageState, 'revision'>) => ({ status, assignee, verdict });

/** Whether a change can overwrite another one. A note alone cannot. */
export const overwrites = ({ status, assignee, verdict }: TriageChange): boolean =>
  status !== undefined || assignee !== undefined || verdict !== undefined;
