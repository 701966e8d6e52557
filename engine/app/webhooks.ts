/** The webhooks of a running engine: their queues, the fan-out that fills them, and the deliverer. */
import { openCleanup } from '../cleanup.ts';
import { limits } from '../core/limits.ts';
import { startDeliverer } from '../deliver/webhooks/deliverer.ts';
import { sender } from '../deliver/webhooks/send.ts';
import { isOutage } from '../redis/errors.ts';
import type { FanOut } from '../runtime/deliver/ports.ts';
import { storesOn } from '../stores.ts';
import { openConnection } from './connection.ts';
import type { Foundation } from './foundation.ts';

/** Longer than BullMQ waits for the next job, so that an idle connection does not count as an outage. */
const socketTimeout = 2 * limits.redisSilenceMsMax;

/** Delivers until it is closed. `fanOut` is for the forwarder. */
export function startWebhooks(engine: Foundation): AsyncDisposable & { readonly fanOut: FanOut } {
  const { config, log, metrics, storeSettings } = engine;
  const cleanup = openCleanup();
  const redis = openConnection(engine, 'webhooks', cleanup, { socketTimeout });
  // The connection reports an outage, once.
  const trouble = (what: string, error: Error): void => {
    if (!isOutage(error)) log.error({ err: error.message }, what);
  };
  const stores = storesOn(redis, { ...storeSettings, trouble }, cleanup);
  const { targets, queues, fanOut } = stores.webhooks();
  const send = sender({ allow: config.webhooksAllow });
  cleanup.use(startDeliverer({ redis, targets, queues, alerts: stores.alerts(), send, meter: metrics.meter, now: Date.now, trouble }));
  return { fanOut, [Symbol.asyncDispose]: cleanup.close };
}
