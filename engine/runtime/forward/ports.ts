/**
 * What forwarding needs of the world, as verbs: the outbox as its reader sees it, the alert store, the alerts that
 * wait for room, and the SIEM queue's intake. Every write may be repeated without harm.
 *
 * Answers about several items come item by item, an Error in the place of one that failed: one bad item must not
 * keep the others from being forwarded.
 */
import type { Alert, AlertBrief, AlertUpdate } from '../../core/alert/alert.ts';
import type { AlertPage, AlertQuery } from '../../core/alert/query.ts';
import type { Level } from '../../core/rule.ts';

/** What an outbox holds of the alert `id`: the alert, or its newest update. `text` is the JSON of an Alert or of an AlertUpdate. */
export type OutboxItem =
  | { readonly kind: 'alert'; readonly id: string; readonly partition: number; readonly text: string }
  | { readonly kind: 'update'; readonly id: string; readonly partition: number; readonly text: string };

export type OutboxReader = {
  /** Partitions whose outbox is not empty. */
  occupied(): Promise<number[]>;
  /**
   * Some items of each partition, about `max` of each. Repeated calls go round, so that every item comes up however
   * many stay. `more`: partitions that surely have not been looked through to the end.
   */
  take(partitions: readonly number[], max: number): Promise<{ items: OutboxItem[]; more: number[] }>;
  /** Removes alerts, and those updates that are still the same. */
  remove(items: readonly OutboxItem[]): Promise<void>;
};

/** Whether it is new, and whether it is marked as in the SIEM queue and as notified to webhooks. */
export type Put = { readonly created: boolean; readonly queued: boolean; readonly notified: boolean };

export type AlertStore = {
  /** Create-only: an alert that is there stays as it is. One step with its indexes, the counts of its rule and the stream of changes. */
  put(alerts: readonly Alert[]): Promise<(Put | Error)[]>;
  /** Newer versions replace older ones, also those of alerts that are not there yet. `applied` is false for older ones. */
  update(updates: readonly AlertUpdate[]): Promise<({ applied: boolean } | Error)[]>;
  /** Remembers that they are in the SIEM queue. Unknown ids are passed over. */
  markQueued(ids: readonly string[], nowMs: number): Promise<void>;
  /** Remembers that their webhooks are queued. Unknown ids are passed over. */
  markNotified(ids: readonly string[], nowMs: number): Promise<void>;
  /** Whether each is still to be queued: `gone` when there is no such alert. */
  standing(ids: readonly string[]): Promise<('queued' | 'unqueued' | 'gone')[]>;
  get(id: string): Promise<Alert | undefined>;
  getMany(ids: readonly string[]): Promise<(Alert | undefined)[]>;
  /** The same without their evidence. */
  briefs(ids: readonly string[]): Promise<(AlertBrief | undefined)[]>;
  /** @throws CursorError */
  search(query: AlertQuery): Promise<AlertPage>;
  /** Forgets alerts over the bounds of age and number, some per call, the oldest first, never one that is still to be queued. Counts by status. */
  trim(nowMs: number): Promise<Readonly<Record<string, number>>>;
};

export type Waiting = { readonly level: Level; readonly place: string };

/** Stored alerts for which the SIEM queue had no room: per level, the oldest first. */
export type WaitingList = {
  push(alerts: readonly Waiting[]): Promise<void>;
  /** The places (core/alert/query.ts) of the first `max` of a level. */
  head(level: Level, max: number): Promise<string[]>;
  remove(level: Level, places: readonly string[]): Promise<void>;
  sizes(): Promise<Record<Level, number>>;
};

/**
 * How many alerts a rule may add per minute. An id that has a place keeps it, whoever asks, and one that got none gets
 * none later, as long as the budget is remembered.
 */
export type AlertBudget = {
  readonly max: number;
  take(asks: readonly BudgetAsk[]): Promise<BudgetAnswer[]>;
};

/** `name` as of budgetName (core/forward/budget.ts); at most `limits.forwardBatchMax` ids or so. */
export type BudgetAsk = { readonly name: string; readonly ids: readonly string[] };

/** For each id whether it is within; how many are over the budget so far, about, and how many of them by this question. */
export type BudgetAnswer = { readonly within: readonly boolean[]; readonly folded: number; readonly added: number };

/** `createdMs`: when the alert was created, epoch ms. */
export type Candidate = { readonly id: string; readonly level: Level; readonly createdMs: number };

export type SiemIntake = {
  /** Alerts in the queue, leased ones included. */
  size(): Promise<number>;
  /** Adds by priority; an id that is or was there is not added again. */
  add(alerts: readonly Candidate[]): Promise<(true | Error)[]>;
};
