/** What the HTTP API needs from the rest, as narrow as its routes: whoever fits the shape can be plugged in. */
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

/** The alert store, as far as it is read. @throws CursorError for an `after` that it did not give out */
export type AlertReader = {
  search(query: AlertQuery): Promise<AlertPage>;
  get(id: string): Promise<Alert | undefined>;
};

/** The stream of changes of alerts, as one reader of this process follows it. */
export type AlertFeed = AlertChanges & {
  /** Entries behind an id, waited for up to `ms`. Used by one caller at a time. */
  wait(id: string, max: number, ms: number): Promise<AlertChange[]>;
  /** The alerts that changed, without their evidence. */
  briefs(ids: readonly string[]): Promise<(AlertBrief | undefined)[]>;
  /** Ends a wait that is under way. */
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

/** What rules cost all workers lately, in the order of the ids (engine/runtime/metering/rule-costs.ts). */
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
  /** Events that ingest would refuse; the others were run without them. */
  readonly rejected: readonly { readonly index: number; readonly code: RejectionCode; readonly detail: string }[];
  /** Rules that threw, in words. */
  readonly faults: readonly string[];
};

export type RulesView = {
  list(): Promise<RulesState>;
  get(id: string): Promise<RuleSummary | undefined>;
  /** What the events of an alert have to do with its rule as it stands now; in the order of its `events`. */
  tell(alert: Alert): Promise<{ readonly rule: 'unchanged' | 'changed' | 'missing'; readonly evidence: readonly Evidence[] }>;
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
  readonly retryable?: boolean;
  readonly event?: { readonly id: string; readonly time: string; readonly dataset: string };
};

/** What was done with a letter. `gone`: there is no such letter (any more). */
export type LetterFate = 'retried' | 'discarded' | 'gone' | 'not_retryable';

/** Decisions on single letters; the answers in the order of the ids. */
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

/** One part of readiness: redis, ingest, rules, workers… `reason` says what is wrong, and what is fine may be silent. */
export type PartHealth = { readonly ok: boolean; readonly reason?: string };

export type Health = { ready(): Promise<Readonly<Record<string, PartHealth>>> };

export type Metrics = { expose(): Promise<{ readonly contentType: string; readonly text: string }> };

/** How far the workers are, as all processes together see it. */
export type Backlog = () => Promise<{ readonly nowMs: number; readonly shards: readonly ShardState[]; readonly outbox: number }>;

/** The running set's datasets; asked for each request, since rules are hot-reloaded. */
export type DatasetSource = () => Datasets;
