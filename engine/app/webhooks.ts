/** The webhooks of a running engine: the queues, what fills them and what delivers. */
import { limits } from '../core/limits.ts';
import { openAlertStore } from '../redis/alert/store.ts';
import { refusalOfError } from '../redis/errors.ts';
import { sealWith } from '../redis/access/seal.ts';
import { openWebhookTargets } from '../redis/deliver/webhooks.ts';
import type { FanOut } from '../runtime/deliver/ports.ts';
import { startDeliverer } from '../deliver/webhooks/deliverer.ts';
import { fanOut } from '../deliver/webhooks/fan-out.ts';
import { openWebhookQueues } from '../deliver/webhooks/queues.ts';
import { sender } from '../deliver/webhooks/send.ts';
import { openCleanup } from '../cleanup.ts';
import { openConnection, type EngineParts } from './foundation.ts';

/** Longer than BullMQ waits for the next job: its silence is no outage. */
const socketTimeout = 2 * limits.redisSilenceMsMax;

/** Delivers until it is closed. `fanOut` is for the forwarder. */
export function startWebhooks(engine: EngineParts): AsyncDisposable & { readonly fanOut: FanOut } {
  const { config, log, metrics, webhookTargets } = engine;
  const cleanup = openCleanup();
  const redis = openConnection(engine.redisUrl, 'webhooks', log, { socketTimeout });
  cleanup.defer(() => redis.disconnect());
  // The connection tells of an outage, once.
  const trouble = (what: string, error: Error): void => {
    if (refusalOfError(error) === undefined) log.error({ err: error.message }, what);
  };
  const targets = openWebhookTargets(redis, { ofFile: webhookTargets, seal: sealWith(config.webhooksKey) });
  const queues = cleanup.use(openWebhookQueues(redis, (error) => trouble('webhook queue', error)));
  const send = sender({ allow: config.webhooksAllow });
  const { meter } = metrics;
  cleanup.use(startDeliverer({ redis, targets, queues, alerts: openAlertStore(redis), send, meter, now: Date.now, trouble }));
  return { fanOut: fanOut({ targets, queues, meter }), [Symbol.asyncDispose]: cleanup.close };
}
