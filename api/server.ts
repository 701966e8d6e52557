/**
 * The API in production: the app on Redis, listening. `up` and `api` call startApi() and dispose what it returns.
 *
 * Stopping loses no request: readiness fails, so that a load balancer sends no more; `drainMs` later the listener closes;
 * pending requests are answered; then the connections to Redis are closed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { openCleanup, type Cleanup } from '../engine/cleanup.ts';
import { nothingAllowed, type EgressAllow } from '../engine/compile/deliver/egress.ts';
import { isLoopback, type ApiKey } from '../engine/config/values.ts';
import type { WebhookTarget } from '../engine/core/deliver/target.ts';
import { sender } from '../engine/deliver/webhooks/send.ts';
import { openWebhookService } from '../engine/deliver/webhooks/service.ts';
import { WeirError } from '../engine/errors.ts';
import { connect } from '../engine/redis/connection.ts';
import { refusalOfError } from '../engine/redis/errors.ts';
import type { RateSettings } from '../engine/runtime/access/limiter.ts';
import type { RequestLimits } from '../engine/runtime/ingest/batch.ts';
import { startHeartbeat } from '../engine/runtime/ingest/heartbeat.ts';
import { storesOn } from '../engine/stores.ts';
import { buildApp, type ApiParts } from './app.ts';
import { listen } from './http/listen.ts';
import type { StreamLimits } from './routes/stream.ts';

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

/** Targets from a file, allowed addresses, and the key that seals secrets. */
export type WebhookSettings = {
  readonly ofFile: readonly WebhookTarget[];
  readonly allow: EgressAllow;
  readonly sealKey: string | undefined;
};

const noWebhookSettings: WebhookSettings = { ofFile: [], allow: nothingAllowed, sealKey: undefined };

export type ApiDeps = Pick<ApiParts, 'datasets' | 'rules' | 'health' | 'metrics' | 'meter'> & {
  readonly config: ApiConfig;
  readonly redisUrl: string;
  readonly version: string;
  /** Default: no targets, the public internet, no key. */
  readonly webhookSettings?: WebhookSettings;
  readonly logger?: FastifyBaseLogger;
  /** How long readiness fails before the listener closes. Default 0: there is no load balancer. */
  readonly drainMs?: number;
  readonly stream?: Partial<StreamLimits>;
};

export type ApiServer = AsyncDisposable & {
  /** `http://127.0.0.1:8080`, with the actual port. */
  readonly url: string;
  /** False if there were no keys at startup, so that requests need none. */
  readonly authRequired: boolean;
  /** Turns readiness off; the listener closes when this is disposed. */
  stop(): void;
};

/** The longest wait for Redis before listening without it. */
const openMsMax = 2000;

/** @throws WeirError if it cannot, or must not, listen on the address */
export async function startApi(deps: ApiDeps): Promise<ApiServer> {
  const { config, version, logger, stream = {} } = deps;
  if (!isLoopback(config.host) && config.keys.length === 0) {
    throw new WeirError(
      `WEIR_HOST=${config.host} is reachable from other machines, but there are no API keys`,
      'Set WEIR_KEYS, or listen on 127.0.0.1.',
    );
  }
  let stopping = false;
  const cleanup = openCleanup();
  try {
    const { parts, opened, board } = openParts(deps, () => stopping, cleanup);
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
    await Promise.race([opened, sleep(openMsMax, undefined, { ref: false })]);
    const url = await listen(app, config);
    cleanup.use(startHeartbeat({ sink: parts.sink, shards: config.shards, everyMs: config.heartbeatMs ?? 0, now: Date.now }));
    const stop = (): void => void (stopping = true);
    return {
      url,
      authRequired: config.keys.length > 0 || parts.keys.current()?.length !== 0,
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

/** What the app is made of, on Redis. `opened`: Redis was reached, and its keys are known. */
function openParts(deps: ApiDeps, stopping: () => boolean, cleanup: Cleanup) {
  const { config, redisUrl, webhookSettings = noWebhookSettings, meter, rules } = deps;
  const redis = connect(redisUrl, 'api', { commandTimeout: 3000 });
  redis.on('error', () => undefined); // visible in readiness, and as 503
  cleanup.defer(() => redis.disconnect());
  const { shards, partitions } = config;
  const stores = storesOn(redis, { shards, partitions, webhooks: webhookSettings, meter }, cleanup);
  const sink = stores.sink(redisUrl, config.backlogEventsMax);
  const keys = stores.keySnapshot();
  const { targets, queues, fanOut } = stores.webhooks();
  const { allow } = webhookSettings;
  const parts: ApiParts = {
    ...deps,
    sink,
    alerts: stores.alerts(),
    triage: stores.triage(),
    feed: stores.feed(redisUrl),
    siem: stores.siemQueue(),
    webhooks: openWebhookService({
      targets,
      queues,
      send: sender({ allow }),
      allow,
      rules: async () => (await rules.list()).rules,
      now: Date.now,
    }),
    fanOut,
    deadLetters: stores.deadLetters(),
    costs: stores.ruleCosts(),
    backlog: stores.installationReader(),
    audit: stores.audit(),
    auditLog: stores.auditLog(),
    keyStore: stores.keyStore(),
    keys,
    limiter: stores.limiter(config),
    now: Date.now,
    stopping,
    refusalOf: refusalOfError,
  };
  const board = config.board === 'on' ? { board: stores.siemIntake().queue } : {};
  return { parts, opened: Promise.all([sink.opened, keys.opened]), board };
}
