/**
 * Every store on Redis and every queue on BullMQ, each opened by one line of this file. The code that assembles a process
 * (engine/app/, api/server.ts) makes the connections, and opens on each what it needs there:
 *
 *     const stores = storesOn(redis, { shards, partitions }, cleanup);
 *     const alerts = stores.alerts();
 *     const queue = stores.siemQueue();
 *
 * `cleanup` closes what runs in the background once it is open: queues, snapshots, the sink's own connection.
 */
import type { Cleanup } from './cleanup.ts';
import type { WebhookTarget } from './core/deliver/target.ts';
import type { Datasets } from './core/ingest/dataset.ts';
import { openIntake } from './deliver/siem-queue/intake.ts';
import { openSiemQueue, type SiemQueueOptions } from './deliver/siem-queue/queue.ts';
import { fanOut } from './deliver/webhooks/fan-out.ts';
import { openWebhookQueues } from './deliver/webhooks/queues.ts';
import { openKeySnapshot, openKeyStore } from './redis/access/api-keys.ts';
import { openAudit, openAuditLog } from './redis/access/audit.ts';
import { openRates } from './redis/access/rate.ts';
import { sealWith } from './redis/access/seal.ts';
import { openFeed } from './redis/alert/changes.ts';
import { redisEvidence } from './redis/alert/evidence.ts';
import type { PackTexts } from './redis/alert/pack-texts.ts';
import { openAlertStore } from './redis/alert/store.ts';
import { openTriage } from './redis/alert/triage.ts';
import type { Redis } from './redis/connection.ts';
import { openCompactor } from './redis/correlate/compactor.ts';
import { redisWindowStore, type WindowStoreOptions } from './redis/correlate/window-store.ts';
import { openDeadLetters } from './redis/decode/dead-letters.ts';
import { redisStreams, type StreamOptions } from './redis/decode/streams.ts';
import { openWebhookTargets } from './redis/deliver/webhooks.ts';
import { openAlertBudget } from './redis/forward/budget.ts';
import { openOutbox, openOutboxReader, type Wake } from './redis/forward/outbox.ts';
import { openWaitingList } from './redis/forward/waiting.ts';
import { openSink } from './redis/ingest/ingest.ts';
import { openInstallationReader } from './redis/metering/installation.ts';
import { openRuleCosts } from './redis/metering/rule-costs.ts';
import { openLimiter, type RateSettings } from './runtime/access/limiter.ts';
import { silent, type Meter } from './runtime/metering/meter.ts';

export type StoreSettings = {
  readonly shards: number;
  readonly partitions: number;
  /** Targets of the file, and the key that seals the secrets of the others. Default: none. */
  readonly webhooks?: { readonly ofFile: readonly WebhookTarget[]; readonly sealKey: string | undefined };
  readonly meter?: Meter;
  /** Called with the errors of a queue. Default: they are ignored; a call that meets one rejects all the same. */
  readonly trouble?: (what: string, error: Error) => void;
};

export type Stores = ReturnType<typeof storesOn>;

/** @param redis stays open when `cleanup` closes the stores */
export function storesOn(redis: Redis, settings: StoreSettings, cleanup: Cleanup) {
  const { shards, partitions, webhooks, meter = silent, trouble = () => undefined } = settings;
  const alerts = () => openAlertStore(redis);

  return {
    // ingest
    sink: (url: string, backlogEventsMax: number) => cleanup.use(openSink(url, { shards, backlogEventsMax })),
    // decode
    streams: (options: Omit<StreamOptions, 'redis' | 'shards' | 'meter'>) => redisStreams({ ...options, redis, shards, meter }),
    deadLetters: () => openDeadLetters(redis, shards),
    // correlate
    windows: (options: Omit<WindowStoreOptions, 'redis' | 'partitions'>) => redisWindowStore({ ...options, redis, partitions }),
    compactor: () => openCompactor(redis),
    // alert
    alerts,
    triage: () => openTriage(redis),
    /** Has its own connection, which its user closes. */
    feed: (url: string) => openFeed(url, redis),
    evidence: (datasets: () => Datasets, texts: PackTexts) => redisEvidence(redis, datasets, texts),
    // forward
    outbox: (wake: Wake) => openOutbox(redis, partitions, wake),
    outboxReader: () => openOutboxReader(redis, partitions),
    alertBudget: () => openAlertBudget(redis),
    waitingList: () => openWaitingList(redis),
    siemIntake: () => cleanup.use(openIntake(redis, (error) => trouble('SIEM queue', error))),
    // deliver
    siemQueue: (options: Pick<SiemQueueOptions, 'sweepMs'> = {}) => cleanup.use(openSiemQueue(redis, alerts(), { meter, ...options })),
    webhooks() {
      const targets = openWebhookTargets(redis, { ofFile: webhooks?.ofFile ?? [], seal: sealWith(webhooks?.sealKey) });
      const queues = cleanup.use(openWebhookQueues(redis, (error) => trouble('webhook queue', error)));
      return { targets, queues, fanOut: fanOut({ targets, queues, meter }) };
    },
    // metering
    installationReader: () => openInstallationReader(redis, { shards, partitions }),
    ruleCosts: () => openRuleCosts(redis),
    // access
    keyStore: () => openKeyStore(redis),
    keySnapshot: () => cleanup.use(openKeySnapshot(redis)),
    limiter: (rates: RateSettings) => cleanup.use(openLimiter(openRates(redis), rates)),
    audit: () => openAudit(redis, meter),
    auditLog: () => openAuditLog(redis),
  };
}
