/**
 * What triage needs of the alert store, as verbs, and what the store tells of its changes. Two implementations, on
 * Redis and on Maps, and one contract suite (test/contract/alert-triage.ts).
 *
 * Each change is one step: the alert, its history, the counts of its rule and the entry in the stream of changes.
 */
import type { Alert } from '../../core/alert/alert.ts';
import type { AlertFacts, AlertQuery } from '../../core/alert/query.ts';
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

/** What triage says of an alert, as filters ask for it. */
export type TriageFacts = Pick<AlertFacts, 'status' | 'assignee' | 'verdict'>;

/** `created`; `counted`: count or last_seen raised; `triaged`, with what it was before and after. */
export type AlertChange = {
  /** `<ms>-<seq>`, ascending. */
  readonly id: string;
  readonly kind: 'created' | 'counted' | 'triaged';
  readonly alertId: string;
  readonly triaged: { readonly before: TriageFacts; readonly after: TriageFacts } | undefined;
};

/** Where the stream of changes begins and ends. `first` undefined: nothing is in it. */
export type ChangesEnds = { readonly first: string | undefined; readonly last: string };

/**
 * The stream of changes, bounded: the oldest go. Of the raised counts of one alert only the newest stays, so that a
 * busy alert cannot push out the others.
 */
export type AlertChanges = {
  ends(): Promise<ChangesEnds>;
  /** Entries behind an id, the oldest first, at most `max`. */
  after(id: string, max: number): Promise<AlertChange[]>;
};
