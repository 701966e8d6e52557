/** How webhooks are doing, for /metrics: read from Redis, the same whichever process asks. */
import type { WebhookTruth } from '../../runtime/metering/installation.ts';
import type { WebhookTargets } from '../../runtime/deliver/ports.ts';
import type { WebhookQueues } from './queues.ts';

export async function webhookTruth(targets: WebhookTargets, queues: WebhookQueues): Promise<WebhookTruth> {
  const [all, failing] = await Promise.all([targets.current(), targets.failing()]);
  await queues.keepOnly(all.map(({ id }) => id));
  const waiting = await Promise.all(all.map(({ id }) => queues.waiting(id)));
  const disabled = all.filter((one) => one.disabled !== undefined).length;
  const failed = all.filter((one) => one.disabled === undefined && failing.has(one.id)).length;
  return {
    targets: { fine: all.length - disabled - failed, failing: failed, disabled },
    waiting: waiting.reduce((sum, count) => sum + count, 0),
  };
}
