/**
 * The API as it really runs: the app on Redis, listening. `up` and `api` call startApi() and close what it gives.
 *
 * Stopping goes in the order in which nobody loses anything: readiness says no, so that a balancer sends no more;
 * `drainMs` later the listener closes; requests under way are answered; then the connections to Redis go.
 */
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { openCleanup } from '../engine/cleanup.ts';
import { isLoopback, type ApiKey } from '../engine/config-values.ts';
import { WeirError } from '../engine/errors.ts';
import { openAlertStore } from '../engine/redis/alert-store.ts';
import { openFeed } from '../engine/redis/alert-changes.ts';
import { openTriage } from '../engine/redis/alert-triage.ts';
import { openAudit } from '../engine/redis/audit.ts';
import { refusalOfError } from '../engine/redis/away.ts';
import { connect } from '../engine/redis/connection.ts';
import { openRuleCosts } from '../engine/redis/rule-costs.ts';
import { openLetterDesk } from '../engine/redis/dead-letters.ts';
import { openSink } from '../engine/redis/ingest.ts';
import { openTruth } from '../engine/redis/truth.ts';
import { openSiemQueue } from '../engine/siem/queue.ts';
import { buildApp, type ApiParts } from './app.ts';
import type { RequestLimits } from './ingest/batch.ts';
import type { StreamLimits } from './routes/stream.ts';

/** The part of the configuration that the API reads: a Config fits. */
export type ApiConfig = RequestLimits & {
  readonly host: string;
  readonly port: number;
  readonly keys: readonly ApiKey[];
  readonly shards: number;
  readonly partitions: number;
  readonly backlogEventsMax: number;
};

export type ApiDeps = Pick<ApiParts, 'datasets' | 'rules' | 'deadLetters' | 'health' | 'metrics' | 'meter'> & {
  readonly config: ApiConfig;
  readonly redisUrl: string;
  readonly version: string;
  readonly logger?: FastifyBaseLogger;
  /** How long readiness has said no before the listener closes. Default 0: nobody balances. */
  readonly drainMs?: number;
  readonly stream?: Partial<StreamLimits>;
};

export type ApiServer = AsyncDisposable & {
  /** `http://127.0.0.1:8080`, with the port that was taken. */
  readonly url: string;
  /** Readiness off now; the listener closes when this is disposed. */
  stop(): void;
};

/** The longest wait for Redis before listening without it. */
const openMsMax = 2000;

/** @throws WeirError when the address cannot be listened on, or must not be */
export async function startApi(deps: ApiDeps): Promise<ApiServer> {
  const { config, redisUrl } = deps;
  if (!isLoopback(config.host) && config.keys.length === 0) {
    throw new WeirError(
      `WEIR_HOST=${config.host} is open to others, and there are no keys to ask them for`,
      'Set WEIR_KEYS, or listen on 127.0.0.1.',
    );
  }
  let stopping = false;
  const cleanup = openCleanup();
  try {
    const sink = cleanup.use(openSink(redisUrl, { shards: config.shards, backlogEventsMax: config.backlogEventsMax }));
    const redis = connect(redisUrl, 'api', { commandTimeout: 3000 });
    redis.on('error', () => undefined); // seen in readiness and as 503
    cleanup.defer(() => redis.disconnect());
    const alerts = openAlertStore(redis);
    const triage = openTriage(redis);
    const feed = openFeed(redisUrl, redis);
    const siem = cleanup.use(openSiemQueue(redis, alerts, { meter: deps.meter }));
    const audit = openAudit(redis);
    const costs = openRuleCosts(redis);
    const letterDesk = openLetterDesk(redis, config.shards);
    const parts: ApiParts = {
      ...deps,
      sink,
      alerts,
      triage,
      feed,
      siem,
      letterDesk,
      costs,
      backlog: openTruth(redis, { shards: config.shards, partitions: config.partitions }),
      audit,
      now: Date.now,
      stopping: () => stopping,
      refusalOf: refusalOfError,
    };
    const { logger, version, stream = {} } = deps;
    const app = await buildApp(parts, { version, limits: config, keys: config.keys, stream, ...(logger === undefined ? {} : { logger }) });
    cleanup.defer(() => app.close());
    // So that the first request after "listening" is not told that Redis is away, unless it is.
    await Promise.race([sink.opened, sleep(openMsMax, undefined, { ref: false })]);
    await app.listen({ host: config.host, port: config.port }).catch((error: NodeJS.ErrnoException) => {
      throw listenError(error, config);
    });
    const { port } = app.server.address() as AddressInfo;
    const stop = (): void => void (stopping = true);
    return {
      url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
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

function listenError(error: NodeJS.ErrnoException, { host, port }: ApiConfig): WeirError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new WeirError(`port ${port} is taken`, 'Stop what listens there, or set WEIR_PORT; 0 takes a free one.');
    case 'EACCES':
      return new WeirError(`this user may not listen on port ${port}`, 'Set WEIR_PORT to 1024 or more.');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new WeirError(`${host} is no address of this machine`, 'Correct WEIR_HOST.');
    default:
      return new WeirError(`cannot listen on ${host}:${port}: ${error.message}`, 'Correct WEIR_HOST and WEIR_PORT.');
  }
}
