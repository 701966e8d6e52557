/** Webhooks as the rest sees them: where alerts are sent, and the words for what became of it. */
import type { Alert } from '../../core/alert/alert.ts';
import type { WebhookEvent, WebhookTarget } from '../../core/deliver/target.ts';

/**
 * What can become of a delivery: an attempt (delivered … refused), an alert that found no room in its target's queue
 * (dropped), and the other ends: all attempts made (given_up), too old (expired), closed before it was sent (overtaken).
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

export type FanOut = {
  /**
   * Queues a delivery for each target that wants the alert; one that is or was queued is not queued again.
   * `unwanted`: no target wants it. No target wants shadow alerts.
   */
  add(alerts: readonly Alert[], event: WebhookEvent): Promise<('notified' | 'unwanted' | Error)[]>;
};

/** Since when it is off, RFC 3339, where somebody has switched it off, and why. */
export type Disabled = { readonly at?: string; readonly because: string };

/** `file`: of WEIR_WEBHOOKS, and can only be changed there. */
export type KnownTarget = WebhookTarget & { readonly source: 'file' | 'api'; readonly disabled?: Disabled };

/** The last failure of a target that has not succeeded since. */
export type Failing = { readonly failures: number; readonly at: string; readonly because: string };

/** Targets and how they are doing, the same for all processes. */
export type WebhookTargets = {
  current(): Promise<readonly KnownTarget[]>;
  /** False when there is one of this id, or no room. */
  create(target: WebhookTarget): Promise<'created' | 'exists' | 'full'>;
  /** False when there is none. The last to write wins. */
  replace(target: WebhookTarget): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  disable(id: string, disabled: Disabled): Promise<void>;
  enable(id: string): Promise<void>;
  /** Gives how many failures in a row that makes. */
  failed(id: string, at: string, because: string): Promise<number>;
  delivered(id: string): Promise<void>;
  failing(): Promise<ReadonlyMap<string, Failing>>;
};
