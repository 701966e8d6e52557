/**
 * An alert: its JSON in the API, in `replay`, and for the SIEM. Times are RFC 3339 in UTC.
 */
import type { JsonObject } from '../event.ts';
import type { Level } from '../rule.ts';

export const verdictLabels = ['true_positive', 'false_positive', 'benign', 'duplicate'] as const;
export type VerdictLabel = (typeof verdictLabels)[number];
export const alertStatuses = ['open', 'acknowledged', 'closed'] as const;
export type AlertStatus = (typeof alertStatuses)[number];

export type AlertRule = {
  readonly id: string;
  readonly title: string;
  readonly level: Level;
  readonly tags: readonly string[];
  readonly hash: string;
};

export type AlertEntity = { readonly field: string; readonly value: string; readonly risk: number };

export type Alert = {
  readonly id: string;
  readonly rule: AlertRule;
  readonly status: AlertStatus;
  readonly shadow: boolean;
  /** The fields of the group with their normalised values; `{}` for a single event without `suppress.by`. */
  readonly group: Readonly<Record<string, string>>;
  readonly entities: readonly AlertEntity[];
  readonly value: number;
  readonly reason: string;
  readonly message: string;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly created: string;
  readonly count: number;
  /** True if the window log had lost entries at a bound when the alert fired. */
  readonly capped?: boolean;
  /**
   * Evidence: the full events, at most `limits.evidenceMax`. An expired event is `{ "weir.expired": true, … }`, one over
   * `limits.evidenceBytesMax` is `{ "weir.cut": true, … }`.
   */
  readonly events: readonly JsonObject[];
  /** Set by triage (triage.ts); absent until then. */
  readonly assignee?: string;
  readonly verdict?: VerdictLabel;
  /** Number of triage changes so far. */
  readonly revision?: number;
};

/** An alert without its evidence, for lists. */
export type AlertBrief = Omit<Alert, 'events'>;

/** The changes of an alert while it suppresses others: absolute values, never increments. */
export type AlertUpdate = {
  readonly id: string;
  readonly count: number;
  readonly first_seen: string;
  readonly last_seen: string;
  /** Orders updates: an update with a lower version than the last one applied has no effect. */
  readonly version: number;
};
