/**
 * The API in production: the app on Redis, listening. `up` and `api` call startApi() and dispose what it returns.
 *
 * Stopping loses no request: readiness fails, so that a load balancer sends no more; `drainMs` later the listener closes;
 * pending requests are answered; then the connections to Redis are closed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { openCleanup } from '../engine/cleanup.ts';
import { isLoopback, type ApiKey } from '../engine/config/values.ts';
import { WeirError } from '../engine/errors.ts';
import { openAlertStore } from '../engine/redis/alert/store.ts';
import { openFeed } from '../engine/redis/alert/changes.ts';
import { openTriage } from '../engine/redis/alert/triage.ts';
import { openKeySnapshot, openKeyStore } from '../engine/redis/access/api-keys.ts';
import { openAudit, openAuditLog } from '../engine/redis/access/audit.ts';
import { refusalOfError } from '../engine/redis/errors.ts';
import { connect } from '../engine/redis/connection.ts';
import { openDeadLetters } from '../engine/redis/decode/dead-letters.ts';
import { openSink } from '../engine/redis/ingest/ingest.ts';
import { openRuleCosts } from '../engine/redis/metering/rule-costs.ts';
import { openInstallationReader } from '../engine/redis/metering/installation.ts';
import { startHeartbeat } from '../engine/runtime/ingest/heartbeat.ts';
import { openIntake } from '../engine/deliver/siem-queue/intake.ts';
import { openSiemQueue } from '../engine/deliver/siem-queue/queue.ts';
import { buildApp, type ApiParts } from './app.ts';
import type { RequestLimits } from '../engine/runtime/ingest/batch.ts';
import { openLimiter, type RateSettings } from './access/limiter.ts';
import { listen } from './http/listen.ts';
import type { StreamLimits } from './routes/stream.ts';
import { openWebhooks, type WebhookSettings } from './parts/webhooks.ts';

/** The part of the configuration that the API reads: a Config fits. */
export type ApiConfig = RequestLimits &
  RateSettings & {
    readonly host: string;
    readonly port: number;
    readonly keys: readonly ApiKey[];
    readonly shards: number;
    readonly partitions: number;
    readonly backlogEventsMax: number;
    /** Interval of heartbeats; 0 or undefined: none. */
    readonly heartbeatMs?: number;
    readonly board?: 'on' | 'off';
  };

export type ApiDeps = Pick<ApiParts, 'datasets' | 'rules' | 'health' | 'metrics' | 'meter'> & {
  readonly config: ApiConfig;
  readonly redisUrl: string;
  readonly version: string;
  /** Targets from a file, allowed addresses, and the key that seals secrets. Default: no targets, the public internet, no key. */
  readonly webhookSettings?: WebhookSettings;
  readonly logger?: FastifyBaseLogger;
  /** How long readiness fails before the listener closes. Default 0: there is no load balancer. */
  readonly drainMs?: number;
  readonly stream?: Partial<StreamLimits>;
};

export type ApiServer = AsyncDisposable & {
  /** `http://127.0.0.1:8080`, with the actual port. */
  readonly url: string;
  /** True if there were no keys at the start, so that requests need none. */
  readonly asksNobody: boolean;
  /** Turns readiness off; the listener closes when this is disposed. */
  stop(): void;
};

/** The longest wait for Redis before listening without it. */
const openMsMax = 2000;

/** @throws WeirError if it cannot, or must not, listen on the address */
export async function startApi(deps: ApiDeps): Promise<ApiServer> {
  const { config, redisUrl } = deps;
  if (!isLoopback(config.host) && config.keys.length === 0) {
    throw new WeirError(
      `WEIR_HOST=${config.host} is reachable from other machines, but there are no API keys`,
      'Set WEIR_KEYS, or listen on 127.0.0.1.',
    );
  }
  let stopping = false;
  const cleanup = openCleanup();
  try {
    const sink = cleanup.use(openSink(redisUrl, { shards: config.shards, backlogEventsMax: config.backlogEventsMax }));
    const redis = connect(redisUrl, 'api', { commandTimeout: 3000 });
    redis.on('error', () => undefined); // visible in readiness, and as 503
    cleanup.defer(() => redis.disconnect());
    const alerts = openAlertStore(redis);
    const siem = cleanup.use(openSiemQueue(redis, alerts, { meter: deps.meter }));
    const keyStore = openKeyStore(redis);
    const keys = openKeySnapshot(redis, keyStore);
    cleanup.defer(() => keys[Symbol.dispose]());
    const parts: ApiParts = {
      ...deps,
      sink,
      alerts,
      triage: openTriage(redis),
      feed: openFeed(redisUrl, redis),
      siem,
      ...openWebhooks(redis, deps, cleanup),
      deadLetters: openDeadLetters(redis, config.shards),
      costs: openRuleCosts(redis),
      backlog: openInstallationReader(redis, { shards: config.shards, partitions: config.partitions }),
      audit: openAudit(redis, deps.meter),
      auditLog: openAuditLog(redis),
      keyStore,
      keys,
      limiter: openLimiter(redis, config, cleanup),
      now: Date.now,
      stopping: () => stopping,
      refusalOf: refusalOfError,
    };
    const { logger, version, stream = {} } = deps;
    const board = config.board === 'on' ? { board: cleanup.use(openIntake(redis)).queue } : {};
    const app = await buildApp(parts, {
      version,
      limits: config,
      keys: config.keys,
      stream,
      ...board,
      ...(logger === undefined ? {} : { logger }),
    });
    cleanup.defer(() => app.close());
    // So that the first request after "listening" does not get a 503 although Redis is available.
    await Promise.race([Promise.all([sink.opened, keys.opened]), sleep(openMsMax, undefined, { ref: false })]);
    const url = await listen(app, config);
    cleanup.use(startHeartbeat({ sink, shards: config.shards, everyMs: config.heartbeatMs ?? 0, now: Date.now }));
    const stop = (): void => void (stopping = true);
    return {
      url,
      asksNobody: config.keys.length === 0 && keys.current()?.length === 0,
      stop,
      async [Symbol.asyncDispose]() {
        stop();
        await sleep(deps.drainMs ?? 0);
        await cleanup.close();
      },
    };
  } catch (error) {
    await cleanup.close();
    throw error;
  }
}
