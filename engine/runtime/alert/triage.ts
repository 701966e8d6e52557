/**
 * Triage for the API and the ticker. On Redis: redis/alert/triage.ts.
 *
 * Each change is one step: the alert, its history, the counts of its rule and the entry in the stream of changes.
 */
import type { Alert } from '../../core/alert/alert.ts';
import type { AlertQuery } from '../../core/alert/query.ts';
import type { AlertCounts } from '../../core/alert/counts.ts';
import type { Author, History, TriageChange, Turn } from '../../core/alert/triage.ts';

export type TriageRequest = {
  readonly id: string;
  readonly change: TriageChange;
  readonly by: Author;
  /** The revision that the author has seen. Undefined: any. */
  readonly revision?: number | undefined;
  /** Change the alert only if it matches this query at the moment of the change: others may have triaged it since it was found. */
  readonly only?: AlertQuery | undefined;
};

export type TriageAnswer =
  | { readonly kind: 'changed' | 'unchanged'; readonly alert: Alert }
  | { readonly kind: 'refused'; readonly because: 'verdict-required' }
  /** It was changed after the given revision: the alert as it is now. */
  | { readonly kind: 'conflict'; readonly alert: Alert }
  /** It no longer matches `only`. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'gone' };

export type TriageStore = {
  /** One answer per request, in order. */
  triage(requests: readonly TriageRequest[]): Promise<TriageAnswer[]>;
  history(id: string): Promise<History>;
  /** One per rule, in the order of `ruleIds`. */
  counts(ruleIds: readonly string[]): Promise<AlertCounts[]>;
  /** Closings and reopenings made at least `ageMs` ago whose webhooks are still to be notified (deliver/closings.ts), the oldest first. */
  unnotified(ageMs: number, max: number): Promise<Turn[]>;
  /** Records that webhooks have been notified. */
  markNotified(turns: readonly Turn[]): Promise<void>;
};
