/** Webhooks as the rest of the engine uses them: targets, the fan-out of alerts to them, and the results of deliveries. */
import type { Alert } from '../../core/alert/alert.ts';
import type { Turn } from '../../core/alert/triage.ts';
import type { WebhookEvent, WebhookTarget } from '../../core/deliver/target.ts';

/**
 * Results of deliveries. Of an attempt: delivered … refused. Of an alert that its target's queue had no room for:
 * dropped. Of a delivery that ended otherwise: all attempts made (given_up), too old (expired), closed before it was
 * sent (overtaken).
 */
export const webhookResults = [
  'delivered',
  'redirected',
  'gone',
  'throttled',
  'rejected',
  'failed',
  'timeout',
  'unreachable',
  'refused',
  'dropped',
  'given_up',
  'expired',
  'overtaken',
] as const;
export type WebhookResult = (typeof webhookResults)[number];

export type TurnedAlert = { readonly turn: Turn; readonly alert: Alert };

export type FanOut = {
  /**
   * Queues a delivery for each target that subscribes to the alert; a delivery that is or was queued is not queued again.
   * `unwanted`: no target subscribes to it. No target gets shadow alerts.
   */
  add(alerts: readonly Alert[], event: WebhookEvent): Promise<('notified' | 'unwanted' | Error)[]>;
  /** The same for closings and reopenings, in order. Each is a message of its own. */
  addTurns(turned: readonly TurnedAlert[]): Promise<('notified' | 'unwanted' | Error)[]>;
};

/** Why a target is off, and since when (RFC 3339). `at` is missing where no decision switched it off: its secrets cannot be read. */
export type Disabled = { readonly at?: string; readonly because: string };

/** `file`: it comes from the WEIR_WEBHOOKS file and can only be changed there. */
export type KnownTarget = WebhookTarget & { readonly source: 'file' | 'api'; readonly disabled?: Disabled };

/** The last failure of a target that has not succeeded since. */
export type Failing = { readonly failures: number; readonly at: string; readonly because: string };

/** The targets and their state, shared by all processes. */
export type WebhookTargets = {
  current(): Promise<readonly KnownTarget[]>;
  /** `exists`: the id is taken. `full`: there are as many targets as allowed. */
  create(target: WebhookTarget): Promise<'created' | 'exists' | 'full'>;
  /** False when there is no such target. The last write wins. */
  replace(target: WebhookTarget): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  disable(id: string, disabled: Disabled): Promise<void>;
  enable(id: string): Promise<void>;
  /** Counts a failure. @returns failures in a row, including this one */
  failed(id: string, at: string, because: string): Promise<number>;
  delivered(id: string): Promise<void>;
  failing(): Promise<ReadonlyMap<string, Failing>>;
};
