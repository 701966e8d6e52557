/**
 * An alert, as the API, `replay` and the SIEM see it. Times are RFC 3339 in UTC.
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
  /** Group names and normalised values; `{}` for a single event without `suppress.by`. */
  readonly group: Readonly<Record<string, string>>;
  readonly entities: readonly AlertEntity[];
  readonly value: number;
  readonly reason: string;
  readonly message: string;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly created: string;
  readonly count: number;
  /** True when a bound cut the log that this alert was judged on. */
  readonly capped?: boolean;
  /** Evidence: the full events, at most `limits.evidenceMax`; one that expired is `{ "weir.expired": true, … }`, one over `limits.evidenceBytesMax` `{ "weir.cut": true, … }`. */
  readonly events: readonly JsonObject[];
  /** What people made of it (triage.ts); each is there from the time on that somebody set it. */
  readonly assignee?: string;
  readonly verdict?: VerdictLabel;
  /** Changes of triage so far. */
  readonly revision?: number;
};

/** An alert without its evidence: what a list of many needs. */
export type AlertBrief = Omit<Alert, 'events'>;

/** What changes on an alert while its mute lasts: absolute values, never increments. */
export type AlertUpdate = {
  readonly id: string;
  readonly count: number;
  readonly first_seen: string;
  readonly last_seen: string;
  /** Orders updates: an update with a lower version than the one applied has no effect. */
  readonly version: number;
};
