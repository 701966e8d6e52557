/** The forwarder of this process, on its own connection: it moves alerts from the outboxes to the alert store, the SIEM queue and webhooks. */
import { openCleanup } from '../cleanup.ts';
import type { FanOut } from '../runtime/deliver/ports.ts';
import { Forwarder } from '../runtime/forward/forwarder.ts';
import { storesOn } from '../stores.ts';
import { openConnection } from './connection.ts';
import type { Faults } from './faults.ts';
import type { Foundation } from './foundation.ts';

/** Forwards until it is closed. Call `wake` when the outbox of a partition has new items. */
export function startForwarder(
  engine: Foundation,
  webhooks: FanOut,
  { isOutage, unlessOutage: trouble }: Faults,
): AsyncDisposable & Pick<Forwarder, 'wake'> {
  const { config, metrics, storeSettings } = engine;
  const cleanup = openCleanup();
  const redis = openConnection(engine, 'forwarder', cleanup);
  const stores = storesOn(redis, { ...storeSettings, trouble }, cleanup);
  const forwarder = cleanup.use(
    new Forwarder(
      {
        outbox: stores.outboxReader(),
        store: stores.alerts(),
        budget: stores.alertBudget(),
        waiting: stores.waitingList(),
        siem: stores.siemIntake(),
        webhooks,
        meter: metrics.meter,
      },
      { siemMax: config.siemMax, isOutage, trouble },
    ),
  );
  return { wake: forwarder.wake, [Symbol.asyncDispose]: cleanup.close };
}
