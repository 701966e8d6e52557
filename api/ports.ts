/** What the HTTP API needs from the rest of Weir, as narrow as its routes. */
import type { Datasets } from '../engine/core/ingest/dataset.ts';
import type { Alert, AlertBrief } from '../engine/core/alert/alert.ts';
import type { AlertPage, AlertQuery } from '../engine/core/alert/query.ts';
import type { JsonObject } from '../engine/core/event.ts';
import type { Problem } from '../engine/core/problem.ts';
import type { RejectionCode } from '../engine/core/ingest/rejection.ts';
import type { Level, Status } from '../engine/core/rule.ts';
import type { RuleCost } from '../engine/runtime/metering/rule-costs.ts';
import type { Evidence } from '../engine/runtime/rules/evidence-steps.ts';
import type { AlertChange, AlertChanges } from '../engine/runtime/alert/triage.ts';
import type { ShardState, SiemDepth } from '../engine/runtime/metering/installation.ts';

/** The alert store, read-only. @throws CursorError for an `after` that it did not issue */
export type AlertReader = {
  search(query: AlertQuery): Promise<AlertPage>;
  get(id: string): Promise<Alert | undefined>;
};

/** The stream of alert changes, followed by the one reader of this process. */
export type AlertFeed = AlertChanges & {
  /** Waits up to `ms` for entries after an id. Used by one caller at a time. */
  wait(id: string, max: number, ms: number): Promise<AlertChange[]>;
  /** Alerts without their evidence, in the order of the ids; undefined if no longer stored. */
  briefs(ids: readonly string[]): Promise<(AlertBrief | undefined)[]>;
  /** Ends a pending wait. */
  close(): void;
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

/** The recent cost of rules, summed over all workers, in the order of the ids (engine/runtime/metering/rule-costs.ts). */
export type CostReader = { read(ruleIds: readonly string[]): Promise<readonly RuleCost[]> };

export type RulesState = {
  /** Hash of the running set. */
  readonly hash: string;
  readonly rules: readonly RuleSummary[];
  readonly problems: readonly Problem[];
};

export type RulesTrial = {
  readonly problems: readonly Problem[];
  readonly alerts: readonly Alert[];
  /** Events that ingest would reject; the test ran without them. */
  readonly rejected: readonly { readonly index: number; readonly code: RejectionCode; readonly detail: string }[];
  /** Rules that threw an error, with its message. */
  readonly faults: readonly string[];
};

export type RulesView = {
  list(): Promise<RulesState>;
  get(id: string): Promise<RuleSummary | undefined>;
  /** Which steps of the running rule the events of an alert match, in the order of its `events`. */
  tell(alert: Alert): Promise<{ readonly rule: 'unchanged' | 'changed' | 'missing'; readonly evidence: readonly Evidence[] }>;
  /** Checks the text of one rule file, YAML or JSON. `file` is the name shown in the problems. */
  check(text: string, file: string): Promise<{ readonly rules: number; readonly problems: readonly Problem[] }>;
  /** Runs events through the rules in a text, or the running rules if it is undefined, as `replay --drain` does. */
  test(text: string | undefined, events: readonly JsonObject[]): Promise<RulesTrial>;
};

export type StoredDeadLetter = {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly stage: string;
  readonly cause: string;
  readonly body: string;
  readonly retryable?: boolean;
  readonly event?: { readonly id: string; readonly time: string; readonly dataset: string };
};

/** The outcome for one letter. `gone`: it does not exist, or no longer. */
export type LetterFate = 'retried' | 'discarded' | 'gone' | 'not_retryable';

/** Retries and discards dead letters; answers are in the order of the ids. */
export type DeadLetterActions = {
  get(id: string): Promise<StoredDeadLetter | undefined>;
  retry(ids: readonly string[]): Promise<readonly LetterFate[]>;
  discard(ids: readonly string[]): Promise<readonly LetterFate[]>;
};

export type DeadLetters = {
  /** Newest first. `after` and `next` as with alerts. */
  list(query: {
    readonly limit: number;
    readonly after: string | undefined;
  }): Promise<{ readonly letters: readonly StoredDeadLetter[]; readonly next: string | undefined }>;
};

/** The readiness of one part: redis, ingest, rules, workers… `reason` says what is wrong. */
export type PartHealth = { readonly ok: boolean; readonly reason?: string };

export type Health = { ready(): Promise<Readonly<Record<string, PartHealth>>> };

export type Metrics = { expose(): Promise<{ readonly contentType: string; readonly text: string }> };

/** How far the workers are, over the whole installation. */
export type Backlog = () => Promise<{ readonly nowMs: number; readonly shards: readonly ShardState[]; readonly outbox: number }>;

/** The datasets of the running set; called for each request, since rules are hot-reloaded. */
export type DatasetSource = () => Datasets;
