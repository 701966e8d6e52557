/** The stream of changes of alerts: what was created, counted and triaged. On Redis: redis/alert/changes.ts. */
import type { AlertBrief } from '../../core/alert/alert.ts';
import type { AlertFacts } from '../../core/alert/query.ts';

/** The triage of an alert, as filters ask for it. */
export type TriageFacts = Pick<AlertFacts, 'status' | 'assignee' | 'verdict'>;

/** `counted`: count or last_seen was raised. `triaged`: with its triage before and after. */
export type AlertChange = {
  /** `<ms>-<seq>`, ascending. */
  readonly id: string;
  readonly kind: 'created' | 'counted' | 'triaged';
  readonly alertId: string;
  readonly triaged: { readonly before: TriageFacts; readonly after: TriageFacts } | undefined;
};

/** Where the stream of changes begins and ends. `first` is undefined when it is empty. */
export type ChangesEnds = { readonly first: string | undefined; readonly last: string };

/**
 * The stream of changes. It is bounded: the oldest changes are dropped. Of an alert's raised counts only the newest is
 * kept, so that a busy alert cannot push out the others.
 */
export type AlertChanges = {
  ends(): Promise<ChangesEnds>;
  /** Entries after an id, the oldest first, at most `max`. */
  after(id: string, max: number): Promise<AlertChange[]>;
};

/** The stream of alert changes, followed by the one reader of this process. */
export type AlertFeed = AlertChanges & {
  /** Waits up to `ms` for entries after an id; none if there were none. Used by one caller at a time. */
  wait(id: string, max: number, ms: number): Promise<AlertChange[]>;
  /** Alerts without their evidence, in the order of the ids; undefined if no longer stored. */
  briefs(ids: readonly string[]): Promise<(AlertBrief | undefined)[]>;
  /** Ends a pending wait. */
  close(): void;
};
