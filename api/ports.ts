/** What the HTTP API needs from the rest, as narrow as its routes: whoever fits the shape can be plugged in. */
import type { Datasets } from '../engine/core/dataset.ts';
import type { RejectionCode } from '../engine/core/rejection.ts';
import type { Alert, AlertStatus } from '../engine/core/alert.ts';
import type { JsonObject } from '../engine/core/event.ts';
import type { Problem } from '../engine/core/problem.ts';
import type { Level, Status } from '../engine/core/rule.ts';

/** Alerts, newest first by (created, id). All parts of a query are AND. */
export type AlertQuery = {
  readonly status: AlertStatus | undefined;
  readonly level: Level | undefined;
  readonly minLevel: Level | undefined;
  readonly rule: string | undefined;
  readonly entity: { readonly field: string; readonly value: string } | undefined;
  /** Created at or after, epoch ms. */
  readonly since: number | undefined;
  /** Created before, epoch ms. */
  readonly until: number | undefined;
  /** False: shadow alerts are left out; true: they are included. */
  readonly shadow: boolean;
  readonly limit: number;
  /** `next` of the page before, as the reader gave it. */
  readonly after: string | undefined;
};

export type AlertPage = {
  readonly alerts: readonly Alert[];
  /** Where the next page goes on: any text, at most 512 characters, meaningful to the reader alone. Undefined: this was the last. */
  readonly next: string | undefined;
};

export type AlertReader = {
  search(query: AlertQuery): Promise<AlertPage>;
  get(id: string): Promise<Alert | undefined>;
};

export type SiemDepth = {
  readonly depth: Readonly<Record<Level, number>>;
  readonly leased: number;
  /** When the oldest waiting alert was created, RFC 3339; null when none waits. */
  readonly oldest: string | null;
};

export type Lease = { readonly lease: string; readonly expires: string; readonly alert: Alert };
export type Settled = { readonly done: readonly string[]; readonly expired: readonly string[] };

export type SiemQueue = {
  depth(): Promise<SiemDepth>;
  lease(request: { readonly max: number; readonly seconds: number }): Promise<readonly Lease[]>;
  ack(leases: readonly string[]): Promise<Settled>;
  nack(leases: readonly string[]): Promise<Settled>;
};

export type RuleSummary = {
  readonly id: string;
  readonly title: string;
  readonly status: Status;
  readonly level: Level;
  readonly tags: readonly string[];
  readonly file: string;
  readonly hash: string;
  readonly [extra: string]: unknown;
};

export type RulesState = {
  /** Hash of the running set. */
  readonly hash: string;
  readonly rules: readonly RuleSummary[];
  readonly problems: readonly Problem[];
};

export type RulesTrial = { readonly problems: readonly Problem[]; readonly alerts: readonly Alert[] };

export type RulesView = {
  list(): Promise<RulesState>;
  get(id: string): Promise<RuleSummary | undefined>;
  /** Lints the text of one rule file, YAML or JSON. `file` is what the problems call it. */
  check(text: string, file: string): Promise<{ readonly rules: number; readonly problems: readonly Problem[] }>;
  /** Runs events through the rules in a text, or through the running ones when there is none, as `replay --drain` does. */
  test(text: string | undefined, events: readonly JsonObject[]): Promise<RulesTrial>;
};

export type StoredDeadLetter = {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly stage: string;
  readonly cause: string;
  readonly body: string;
};

export type DeadLetters = {
  /** Newest first. `after` and `next` as with alerts. */
  list(query: {
    readonly limit: number;
    readonly after: string | undefined;
  }): Promise<{ readonly letters: readonly StoredDeadLetter[]; readonly next: string | undefined }>;
};

/** One part of readiness: redis, ingest, rules, workers… `reason` says what is wrong, and what is fine may be silent. */
export type PartHealth = { readonly ok: boolean; readonly reason?: string };

export type Health = { ready(): Promise<Readonly<Record<string, PartHealth>>> };

export type Metrics = { expose(): Promise<{ readonly contentType: string; readonly text: string }> };

/** What ingest tells of each request, for the metrics. */
export type IngestOutcome = {
  readonly outcome: 'accepted' | 'rejected' | 'refused';
  /** For `refused`: the problem's code. */
  readonly code: string | undefined;
  readonly accepted: number;
  readonly rejected: ReadonlyMap<RejectionCode, number>;
  /** Of the body, inflated; 0 when it was not read. */
  readonly bytes: number;
  readonly seconds: number;
};

export type IngestObserver = (outcome: IngestOutcome) => void;

/** The running set's datasets; asked for each request, since rules are hot-reloaded. */
export type DatasetSource = () => Datasets;
