/**
 * One delivery attempt, without the queue: reads the alert, sends it once, and updates the state of the target.
 *
 *     too old, alert no longer stored, or closed before it was opened elsewhere ─▶ over
 *     an earlier message about the alert is still to be sent ─▶ behind
 *     2xx ─▶ done: the target is fine
 *     410 ─▶ gone: the target is disabled, and this delivery is over
 *     else ─▶ later: the target failed again; after repeated failures, all of its deliveries are paused
 */
import type { Alert } from '../../core/alert/alert.ts';
import type { Turn } from '../../core/alert/triage.ts';
import { earlierIds } from '../../core/deliver/target.ts';
import { limits } from '../../core/limits.ts';
import { circuitPauseMs } from '../../core/deliver/retry.ts';
import type { AlertStore } from '../../runtime/forward/ports.ts';
import type { Meter } from '../../runtime/metering/meter.ts';
import type { WebhookTargets, KnownTarget } from '../../runtime/deliver/ports.ts';
import { attempt } from './attempt.ts';
import type { DeliveryData, WebhookQueues } from './queues.ts';
import type { Send } from './send.ts';

export type Delivered = { readonly status: number; readonly ms: number };
export type DeliveryResult =
  | { readonly kind: 'done'; readonly delivered: Delivered }
  | { readonly kind: 'over' | 'gone'; readonly because: string }
  | { readonly kind: 'behind' }
  /** `pauseMs`: pause for the whole target. */
  | {
      readonly kind: 'later';
      readonly because: string;
      readonly retryAfterMs: number;
      readonly pauseMs: number;
      readonly failures: number;
    };

export type DeliveryDeps = {
  readonly targets: Pick<WebhookTargets, 'disable' | 'failed' | 'delivered'>;
  readonly alerts: Pick<AlertStore, 'get'>;
  readonly queues: Pick<WebhookQueues, 'hasPending'>;
  readonly send: Send;
  readonly meter: Pick<Meter, 'addTo' | 'stage' | 'webhookAttempt'>;
  readonly now: () => number;
  readonly pauseMs?: (failures: number) => number;
};

/** The alert with the status and the verdict that the turn gave it: both may have changed again since. */
function asOf(alert: Alert, turn: Turn | undefined): Alert {
  if (turn === undefined) return alert;
  const { verdict: _now, ...rest } = alert;
  return { ...rest, status: turn.status, ...(turn.verdict === undefined ? {} : { verdict: turn.verdict }) };
}

/** Notified of the end first, these targets would open an incident that is never closed. */
const opensIncidents = ({ form, events }: KnownTarget): boolean =>
  (form === 'pagerduty' || form === 'alertmanager') && events.includes('alert.closed');

/** @param queuedMs when the delivery was queued, epoch ms */
export async function deliver(deps: DeliveryDeps, target: KnownTarget, data: DeliveryData, queuedMs: number): Promise<DeliveryResult> {
  const { targets, meter, now, pauseMs = circuitPauseMs } = deps;
  if (now() - queuedMs > limits.webhookAgeMsMax) {
    meter.addTo('webhooks', 'expired');
    return { kind: 'over', because: 'the delivery has waited too long' };
  }
  const alert = await deps.alerts.get(data.alert);
  if (alert === undefined) {
    meter.addTo('webhooks', 'expired');
    return { kind: 'over', because: 'the alert is no longer stored' };
  }
  if (data.event === 'alert.created' && alert.status === 'closed' && opensIncidents(target)) {
    meter.addTo('webhooks', 'overtaken');
    return { kind: 'over', because: 'the alert was closed before it was delivered' };
  }
  const turn = data.turn?.turn ?? (data.event === 'alert.created' ? 0 : 1);
  if (turn > 0 && (await deps.queues.hasPending(target.id, earlierIds(alert.id, turn)))) return { kind: 'behind' };
  const message = { alert: asOf(alert, data.turn), event: data.event, atMs: data.turn?.at ?? queuedMs, turn };
  const outcome = await attempt(deps.send, target, message, now());
  const { result, because, status = 0, ms, retryAfterMs = 0 } = outcome;
  meter.addTo('webhooks', result);
  meter.webhookAttempt(ms / 1000);
  meter.stage('deliver', result === 'delivered' ? 1 : 0, ms / 1000);
  if (result === 'delivered') {
    await targets.delivered(target.id);
    return { kind: 'done', delivered: { status, ms } };
  }
  const at = new Date(now()).toISOString();
  const failures = await targets.failed(target.id, at, because);
  if (result === 'gone') {
    await targets.disable(target.id, { at, because });
    return { kind: 'gone', because };
  }
  return { kind: 'later', because, retryAfterMs, pauseMs: Math.max(pauseMs(failures), retryAfterMs), failures };
}
