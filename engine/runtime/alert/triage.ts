/**
 * Triage for the API and the ticker. On Redis: redis/alert/triage.ts.
 *
 * Each change is one step: the alert, its history, the counts of its rule and the entry in the stream of changes.
 */
import type { Alert } from '../../core/alert/alert.ts';
import type { AlertQuery } from '../../core/alert/query.ts';
import type { AlertCounts } from '../../core/alert/counts.ts';
import type { Author, History, TriageChange } from '../../core/alert/triage.ts';

export type TriageRequest = {
  readonly id: string;
  readonly change: TriageChange;
  readonly by: Author;
  /** The revision that its author has seen; undefined: whatever it is. */
  readonly revision?: number | undefined;
  /** Only if the alert fits at the moment of the change: what was found a moment ago may have been triaged by others. */
  readonly only?: AlertQuery | undefined;
};

export type TriageAnswer =
  | { readonly kind: 'changed' | 'unchanged'; readonly alert: Alert }
  | { readonly kind: 'refused'; readonly because: 'verdict-required' }
  /** Somebody else changed it since: the alert as it is now. */
  | { readonly kind: 'conflict'; readonly alert: Alert }
  /** It does not fit `only` any more. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'gone' };

export type TriageStore = {
  /** One answer per request, in order. */
  triage(requests: readonly TriageRequest[]): Promise<TriageAnswer[]>;
  history(id: string): Promise<History>;
  /** In the order of the rules asked for. */
  counts(ruleIds: readonly string[]): Promise<AlertCounts[]>;
  /** Alerts that were closed at least so long ago and whose webhooks are still to be notified (deliver/closings.ts), the oldest first. */
  unnotified(ageMs: number, max: number): Promise<string[]>;
  /** Takes the note away. */
  markNotified(ids: readonly string[]): Promise<void>;
};
