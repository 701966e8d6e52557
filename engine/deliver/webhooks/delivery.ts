/**
 * What one delivery does, without the queue around it: find the alert, send it once, keep the books of its target.
 *
 *     too old, its alert forgotten, or closed before it could be opened elsewhere ─▶ over
 *     2xx ─▶ delivered: the target is well
 *     410 ─▶ gone: the target is switched off, and this delivery is over
 *     else ─▶ the target failed once more: later again, and if that has become a habit, a pause for all of its deliveries
 */
import { limits } from '../../core/limits.ts';
import { circuitPauseMs } from '../../core/deliver/retry.ts';
import type { AlertStore } from '../../runtime/forward/ports.ts';
import type { Meter } from '../../runtime/metering/meter.ts';
import type { WebhookTargets, KnownTarget } from '../../runtime/deliver/ports.ts';
import { attempt } from './attempt.ts';
import type { DeliveryData } from './queues.ts';
import type { Send } from './send.ts';

export type Delivered = { readonly status: number; readonly ms: number };
export type Told =
  | { readonly kind: 'done'; readonly delivered: Delivered }
  | { readonly kind: 'over' | 'gone'; readonly because: string }
  /** `pauseMs`: for the whole target. */
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
  readonly send: Send;
  readonly meter: Pick<Meter, 'addTo' | 'stage' | 'webhookAttempt'>;
  readonly now: () => number;
  readonly pauseMs?: (failures: number) => number;
};

/** Told of the end first, they would open what nobody closes any more. */
const opensIncidents = ({ form, events }: KnownTarget): boolean =>
  (form === 'pagerduty' || form === 'alertmanager') && events.includes('alert.closed');

/** @param queuedMs when it was queued, epoch ms */
export async function deliver(deps: DeliveryDeps, target: KnownTarget, data: DeliveryData, queuedMs: number): Promise<Told> {
  const { targets, meter, now, pauseMs = circuitPauseMs } = deps;
  if (now() - queuedMs > limits.webhookAgeMsMax) {
    meter.addTo('webhooks', 'expired');
    return { kind: 'over', because: 'it has waited for too long' };
  }
  const alert = await deps.alerts.get(data.alert);
  if (alert === undefined) {
    meter.addTo('webhooks', 'expired');
    return { kind: 'over', because: 'the alert is no longer stored' };
  }
  if (data.event === 'alert.created' && alert.status === 'closed' && opensIncidents(target)) {
    meter.addTo('webhooks', 'overtaken');
    return { kind: 'over', because: 'the alert was closed before it could be told' };
  }
  const outcome = await attempt(deps.send, target, alert, data.event, now());
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
