/**
 * The HTTP API as an app that does not listen: tests inject requests, server.ts listens. Everything it needs from the
 * rest of Weir comes in through ports.
 */
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { limits } from '../engine/core/limits.ts';
import type { Meter } from '../engine/runtime/metering/meter.ts';
import type { EventSink, Refusal } from '../engine/runtime/ingest/sink.ts';
import type { WebhookService } from '../engine/runtime/deliver/service.ts';
import type { FanOut } from '../engine/runtime/deliver/ports.ts';
import { board, type BoardQueue } from './routes/board.ts';
import { clientError, frameworkError } from './http/client-error.ts';
import { cursors } from './http/cursor.ts';
import type { RequestLimits } from '../engine/runtime/ingest/batch.ts';
import type { IngestParts } from './ingest/accept.ts';
import { byteBudget } from './ingest/body.ts';
import { useOpenApi } from './openapi.ts';
import type { Audit, AuditLog } from '../engine/runtime/access/audit.ts';
import type { AlertFeed } from '../engine/runtime/alert/changes.ts';
import type { TriageStore } from '../engine/runtime/alert/triage.ts';
import type { DeadLetters } from '../engine/runtime/decode/dead-letters.ts';
import type { SiemQueue } from '../engine/runtime/deliver/siem-queue.ts';
import type { AlertStore } from '../engine/runtime/forward/ports.ts';
import type { RuleCosts } from '../engine/runtime/metering/rule-costs.ts';
import type { RulesService } from '../engine/runtime/rules/service.ts';
import { HttpProblem, pathOf, useProblems } from './http/problem.ts';
import { refusedProblem } from './http/refused.ts';
import { checkRequest } from './http/request-check.ts';
import { useStrictHttp } from './http/strict-http.ts';
import { useGate } from './access/gate.ts';
import { keyRing, type ApiKey } from './access/keys.ts';
import type { KeySnapshot, KeyStore } from '../engine/runtime/access/api-keys.ts';
import type { RateLimiter } from '../engine/runtime/access/rate.ts';
import { auditRoutes } from './routes/audit.ts';
import { keyRoutes } from './routes/keys.ts';
import { alertRoutes } from './routes/alerts.ts';
import { bulkTriageRoutes } from './routes/bulk-triage.ts';
import { consoleRoutes } from './routes/console.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { eventRoutes } from './routes/events.ts';
import { evidenceRoutes } from './routes/evidence.ts';
import { probeRoutes, type Health, type MetricsText } from './routes/probes.ts';
import { overviewRoutes, type OverviewParts } from './routes/overview.ts';
import { ruleRoutes, type NumbersOf } from './routes/rules.ts';
import { siemRoutes } from './routes/siem.ts';
import { streamRoutes, type StreamLimits } from './routes/stream.ts';
import { triageRoutes } from './routes/triage.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export type ApiParts = {
  readonly sink: EventSink;
  readonly datasets: IngestParts['datasets'];
  readonly alerts: Pick<AlertStore, 'search' | 'get'>;
  readonly triage: TriageStore;
  readonly feed: AlertFeed;
  readonly siem: Pick<SiemQueue, 'depth' | 'lease' | 'ack' | 'nack'>;
  readonly rules: RulesService;
  readonly webhooks: WebhookService;
  /** Queues deliveries to webhooks. */
  readonly fanOut: FanOut;
  readonly deadLetters: DeadLetters;
  readonly costs: Pick<RuleCosts, 'read'>;
  readonly backlog: OverviewParts['backlog'];
  readonly health: Health;
  readonly metrics: MetricsText;
  readonly audit: Audit;
  readonly auditLog: AuditLog;
  /** The keys created by command or API, and their current snapshot. */
  readonly keyStore: KeyStore;
  readonly keys: KeySnapshot;
  readonly limiter: RateLimiter;
  readonly meter: Meter;
  /** Epoch ms. */
  readonly now: () => number;
  /** True once the server was asked to stop: readiness fails, and new work is refused. */
  readonly stopping: () => boolean;
  /** What an error of the parts means if it is not a bug: Redis unavailable, or full. */
  readonly refusalOf: (error: unknown) => Refusal | undefined;
};

export type ApiOptions = {
  readonly version: string;
  readonly limits?: RequestLimits;
  /** The keys of the settings. If there are none here and none in `parts.keys`, no key is needed. */
  readonly keys?: readonly ApiKey[];
  /** Shown read-only at /admin/queues. */
  readonly board?: BoardQueue;
  /** Signs cursors; must be the same in all API processes behind one address. */
  readonly cursorKey?: string;
  readonly logger?: FastifyBaseLogger;
  readonly timing?: Partial<Timing>;
  readonly stream?: Partial<StreamLimits>;
};

/** Timeouts in milliseconds, so that slow clients cannot occupy connections. */
export type Timing = {
  /** From the first byte of a request to its last; the headers must arrive in half of it. */
  readonly requestTimeout: number;
  /** Silence on a connection within a request. */
  readonly connectionTimeout: number;
  /** Silence between two requests. */
  readonly keepAliveTimeout: number;
  /** How often Node checks for requests over their timeout. */
  readonly checkingInterval: number;
};

const defaultTiming: Timing = { requestTimeout: 30_000, connectionTimeout: 60_000, keepAliveTimeout: 72_000, checkingInterval: 5000 };

export async function buildApp(parts: ApiParts, options: ApiOptions): Promise<FastifyInstance> {
  const app = openFastify(parts, options);
  app.setValidatorCompiler(checkRequest);
  // Tests check answers against their schemas; here they are only serialised, including `__proto__` keys.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.addHook('onSend', async (request, reply) => void reply.headers({ 'x-request-id': request.id, 'x-content-type-options': 'nosniff' }));
  useStrictHttp(app);
  useGate(app, { ...parts, ring: keyRing(options.keys ?? [], parts.keys.current) });
  refuseWhenStopping(app, parts);
  useProblems(app, (error) => {
    const refusal = parts.refusalOf(error);
    return refusal === undefined ? undefined : refusedProblem(refusal);
  });
  await useOpenApi(app, options.version);
  await registerRoutes(app, parts, options);
  return app;
}

function openFastify(parts: ApiParts, options: ApiOptions): FastifyInstance {
  const { checkingInterval, ...timing } = { ...defaultTiming, ...options.timing };
  const app: FastifyInstance = Fastify({
    ...timing,
    http: { headersTimeout: timing.requestTimeout / 2, connectionsCheckingInterval: checkingInterval, requireHostHeader: false },
    ...(options.logger === undefined ? { logger: false } : { loggerInstance: options.logger }),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    // Requests while stopping are answered below with a problem, by the same flag that turns readiness off.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Always generated: a client's own id would end up in the log unchecked.
    genReqId: () => randomUUID(),
    bodyLimit: limits.ruleFileCharactersMax,
    // As in events, such keys are plain data: nothing here merges or assigns what a client sent.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    routerOptions: { maxParamLength: 1024 },
    clientErrorHandler: (error, socket) => clientError(error, socket as Socket),
    frameworkErrors: frameworkError,
  });
  app.server.maxConnections = limits.connectionsMax;
  app.server.on('drop', () => parts.meter.add('droppedConnections'));
  return app;
}

function refuseWhenStopping(app: FastifyInstance, { stopping, meter }: ApiParts): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!stopping()) return;
    void reply.header('connection', 'close');
    if (!pathOf(request).startsWith('/v1/')) return;
    if (pathOf(request) === '/v1/events') meter.addTo('turnedAway', 'stopping');
    throw new HttpProblem(503, 'stopping', 'this process is stopping; retry', {}, { 'retry-after': '1' });
  });
}

async function registerRoutes(app: FastifyInstance, parts: ApiParts, options: ApiOptions): Promise<void> {
  const seals = cursors(options.cursorKey ?? 'weir');
  const requestLimits = options.limits ?? limits;
  const budget = byteBudget(Math.max(limits.ingestBytesMax, 2 * requestLimits.requestBytesMax));
  await app.register(
    eventRoutes({ sink: parts.sink, datasets: parts.datasets, now: parts.now, budget, limits: requestLimits }, parts.meter),
  );
  await app.register(alertRoutes(parts.alerts, parts.triage, seals));
  await app.register(evidenceRoutes(parts.alerts, parts.rules));
  await app.register(triageRoutes(parts));
  await app.register(bulkTriageRoutes(parts, seals));
  await app.register(streamRoutes(parts, options.stream));
  await app.register(siemRoutes(parts.siem));
  await app.register(ruleRoutes(parts.rules, numbersOf(parts)));
  await app.register(webhookRoutes(parts));
  await app.register(deadLetterRoutes(parts, seals));
  await app.register(probeRoutes(parts));
  await app.register(keyRoutes(parts, options.keys ?? []));
  await app.register(auditRoutes(parts.auditLog, seals));
  if (options.board !== undefined) await app.register(board(options.board));
  await app.register(overviewRoutes(parts));
  await app.register(consoleRoutes);
}

/** The running rules can be listed while Redis is unavailable; their numbers cannot. */
const numbersOf =
  ({ triage, costs, refusalOf }: ApiParts): NumbersOf =>
  (ids) =>
    Promise.all([triage.counts(ids), costs.read(ids)]).catch((error: unknown) => {
      if (refusalOf(error) === undefined) throw error;
      return undefined;
    });
