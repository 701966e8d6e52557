/**
 * What every part of a running engine needs: Redis, the rules, metrics, the log. `up`, `api` and `worker` open it once,
 * start their own parts on it, and close everything in the opposite order.
 */
import type { Logger } from 'pino';
import { openCleanup } from '../cleanup.ts';
import type { Config } from '../config/config.ts';
import type { WebhookTarget } from '../core/deliver/target.ts';
import { webhooksState } from '../deliver/webhooks/queues.ts';
import { openLog } from '../log.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import type { Notices } from '../notices.ts';
import type { Redis } from '../redis/connection.ts';
import type { RefusalWatch } from '../redis/refusal-watch.ts';
import { openRedis } from '../redis/start/open.ts';
import { openRules, type Rules } from '../runtime/rules/reload.ts';
import { storesOn, type Stores, type StoreSettings } from '../stores.ts';
import { version } from '../version.ts';
import { openConnection } from './connection.ts';
import { openRefusals } from './refusals.ts';
import { rulesReport } from './rules-report.ts';
import { webhookTargetsOf } from './webhook-file.ts';

export type Foundation = AsyncDisposable & {
  readonly config: Config;
  readonly redisUrl: string;
  /** For short commands; never blocks. */
  readonly redis: Redis;
  /** Whether Redis refuses to work although it answers. */
  readonly refusals: Pick<RefusalWatch, 'refusing'>;
  /** The stores on `redis`. */
  readonly stores: Stores;
  /** For stores on other connections. */
  readonly storeSettings: StoreSettings;
  readonly rules: Rules;
  /** The targets of the file that WEIR_WEBHOOKS names. */
  readonly webhookTargets: readonly WebhookTarget[];
  readonly metrics: Metrics;
  readonly log: Logger;
};

/** @param stopping ends the wait for Redis   @throws WeirError (78) with a hint when something is missing; the signal's reason when stopped */
export async function openFoundation(config: Config, io: Notices, stopping?: AbortSignal): Promise<Foundation> {
  const cleanup = openCleanup();
  try {
    const log = openLog(config.logLevel);
    const webhookTargets = webhookTargetsOf(config);
    const { url: redisUrl } = cleanup.use(await openRedis(config, io.say, stopping));
    const redis = openConnection({ redisUrl, log }, 'engine', cleanup);
    const { shards, partitions } = config;
    const uncounted: StoreSettings = { shards, partitions, webhooks: { ofFile: webhookTargets, sealKey: config.webhooksKey } };
    const metrics = openMetrics(storesOn(redis, uncounted, cleanup), config);
    const refusals = cleanup.use(openRefusals(redisUrl, { log, meter: metrics.meter }));
    const storeSettings: StoreSettings = { ...uncounted, meter: metrics.meter };
    const stores = storesOn(redis, storeSettings, cleanup);
    const rules = await openRules({
      folder: config.rulesPath,
      onLoaded: rulesReport({ metrics, log, webhookTargets }),
      onFault(what, fault) {
        metrics.meter.rulesUnread(Date.now());
        log.error({ err: fault }, `${what}: checking the folder failed; the running rules stay in force`);
      },
    });
    void rules.run();
    cleanup.defer(() => rules.stop());
    return {
      config,
      redisUrl,
      redis,
      refusals,
      stores,
      storeSettings,
      rules,
      webhookTargets,
      metrics,
      log,
      [Symbol.asyncDispose]: cleanup.close,
    };
  } catch (error) {
    await cleanup.close();
    throw error;
  }
}

/** The metrics cover the whole installation, whatever runs in this process. */
function openMetrics(stores: Stores, { heartbeatMs }: Config): Metrics {
  const readInstallation = stores.installationReader();
  const siem = stores.siemQueue({ sweepMs: 0 });
  const { targets, queues } = stores.webhooks();
  return createMetrics({
    build: { version: version(), node: process.versions.node },
    heartbeatMs,
    installation: async () => {
      const [found, { depth, leased, oldestMs }, webhooks] = await Promise.all([
        readInstallation(),
        siem.lines(),
        webhooksState(targets, queues),
      ]);
      return { ...found, siem: { depth, leased }, oldestMs, webhooks };
    },
  });
}
