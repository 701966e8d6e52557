/** The workers of one process, with the ticker and the forwarder that go with them. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { openCleanup } from '../cleanup.ts';
import { profiler } from '../core/correlate/log-profile.ts';
import { openAlertBudget } from '../redis/forward/budget.ts';
import { openAlertStore } from '../redis/alert/store.ts';
import { openTriage } from '../redis/alert/triage.ts';
import { openWaitingList } from '../redis/forward/waiting.ts';
import { refusalOfError } from '../redis/errors.ts';
import { openCompactor } from '../redis/correlate/compactor.ts';
import { claimLayout } from '../redis/start/layout-claim.ts';
import { redisEvidence } from '../redis/alert/evidence.ts';
import { openOutbox, openOutboxReader } from '../redis/forward/outbox.ts';
import { parseInfo } from '../redis/info.ts';
import { packTexts } from '../redis/alert/pack-texts.ts';
import { openRuleCosts } from '../redis/metering/rule-costs.ts';
import { redisStreams } from '../redis/decode/streams.ts';
import { redisWindowStore } from '../redis/correlate/window-store.ts';
import { limits } from '../core/limits.ts';
import { notifyOverdue } from '../runtime/deliver/closings.ts';
import { silent } from '../runtime/metering/meter.ts';
import { heartbeatRules } from '../runtime/ingest/heartbeat.ts';
import { Forwarder } from '../runtime/forward/forwarder.ts';
import { pipeline, type Pipeline, type PipelineDeps } from '../runtime/pipeline/pipeline.ts';
import type { EventStreams } from '../runtime/decode/ports.ts';
import { spending } from '../runtime/metering/rule-costs.ts';
import { ticker } from '../runtime/pipeline/ticker.ts';
import type { FanOut } from '../runtime/deliver/ports.ts';
import { worker } from '../runtime/pipeline/worker.ts';
import { openIntake } from '../deliver/siem-queue/intake.ts';
import { openConnection, type EngineParts } from './foundation.ts';
import { startWebhooks } from './webhooks.ts';

export type Workers = AsyncDisposable & {
  /** Reads nothing new; disposing waits for what was read. */
  stop(): void;
  /** For each worker, how long ago its loop last went round, ms. */
  silentMs(): readonly number[];
};

/** Starts `config.workers` loops. */
export function startWorkers(engine: EngineParts): Workers {
  const { config, log, metrics, rules } = engine;
  const { meter } = metrics;
  const cleanup = openCleanup();
  const datasets = () => rules.current().ruleset.datasets;
  const onFault = (what: string, fault: unknown): void => log.error({ err: fault }, what);
  const isOutage = (fault: unknown): boolean => refusalOfError(fault) !== undefined;

  const texts = packTexts(() => meter.addTo('evicted', 'evidence'));
  const forwarding = openConnection(engine.redisUrl, 'forwarder', log);
  cleanup.defer(() => forwarding.disconnect());
  const intake = cleanup.use(openIntake(forwarding, (error) => onFault('SIEM queue', error)));
  const webhooks = cleanup.use(startWebhooks(engine));
  const forwarder = cleanup.use(
    new Forwarder(
      {
        outbox: openOutboxReader(forwarding, config.partitions),
        store: openAlertStore(forwarding),
        budget: openAlertBudget(forwarding),
        waiting: openWaitingList(forwarding),
        siem: intake,
        webhooks: webhooks.fanOut,
        meter,
      },
      { siemMax: config.siemMax, trouble: onFault },
    ),
  );

  const spent = spending(meter.ruleTotals);
  const costs = openRuleCosts(engine.redis);
  const tellCosts = (): Promise<void> => costs.report(spent()).catch((fault: unknown) => void (isOutage(fault) || onFault('costs', fault)));
  const telling = setInterval(() => void tellCosts(), limits.costTellMs).unref();

  function startWorker(number: number) {
    const redis = openConnection(engine.redisUrl, `worker-${number}`, log);
    const blocking = openConnection(engine.redisUrl, `reader-${number}`, log);
    const streams = redisStreams({
      redis,
      blocking,
      shards: config.shards,
      consumer: `${hostname()}-${process.pid}-${number}-${randomUUID().slice(0, 8)}`,
      datasets,
      onPack: texts.keep,
      meter,
      onStateLost() {
        log.error('Redis lost its data: the consumer group is missing; starting over');
        claimLayout(engine.redis, config).catch((fault: unknown) => void (isOutage(fault) || onFault('claiming Redis again', fault)));
      },
      onVanished: (entries) => log.error({ entries }, 'pending entries are missing from the stream: events were lost'),
    });
    const deps = pipelineDeps(redis);
    const current = following(() => rules.current().ruleset, deps);
    const heartbeat = pipeline(heartbeatRules(), { ...deps, meter: silent });
    const loop = worker({ streams, pipeline: current, heartbeat, meter, now: Date.now, isOutage, onFault });
    const running = loop.run();
    return { streams, current, loop, close: async () => void (await running, redis.disconnect(), blocking.disconnect()) };
  }

  function pipelineDeps(redis: typeof forwarding): PipelineDeps {
    const profile = profiler({ latenessMs: config.latenessMs, lagMs: config.lagMsMax });
    return {
      windows: redisWindowStore({
        redis,
        profile,
        partitions: config.partitions,
        onOutbox: forwarder.wake,
        onReview: (dueMs) => ticking.expect(dueMs),
      }),
      evidence: redisEvidence(redis, datasets, texts),
      outbox: openOutbox(redis, config.partitions, forwarder.wake),
      profile,
      latenessMs: config.latenessMs,
      meter,
      onRuleFault: (id, fault) => log.error({ err: fault, rule: id }, 'a rule failed on a window log; the other rules continue'),
    };
  }

  const workers = Array.from({ length: config.workers }, (_, number) => startWorker(number));
  const ticking = startTicker(
    engine,
    workers[0]!.streams,
    following(() => rules.current().ruleset, pipelineDeps(engine.redis)),
    webhooks.fanOut,
    { isOutage, onFault },
  );
  const stop = (): void => {
    for (const { loop } of workers) loop.stop();
  };
  return {
    stop,
    silentMs: () => workers.map(({ loop }) => loop.silentMs()),
    async [Symbol.asyncDispose]() {
      stop();
      await ticking.stop();
      await Promise.all(workers.map((one) => one.close()));
      clearInterval(telling);
      if (engine.redis.status === 'ready') await tellCosts();
      await cleanup.close();
    },
  };
}

/** The pipeline of the running rule set, made anew when the set changes. */
function following(ruleset: () => Pipeline['ruleset'], deps: PipelineDeps): () => Pipeline {
  let made: Pipeline | undefined;
  return () => {
    const now = ruleset();
    if (made?.ruleset !== now) made = pipeline(now, deps);
    return made;
  };
}

type Faults = { readonly isOutage: (fault: unknown) => boolean; readonly onFault: (what: string, fault: unknown) => void };

function startTicker(engine: EngineParts, streams: EventStreams, current: () => Pipeline, fanOut: FanOut, faults: Faults) {
  const { config, redis } = engine;
  const scarce = async (): Promise<boolean> => {
    const info = parseInfo(await redis.info('memory'));
    const max = Number(info.get('maxmemory') ?? 0);
    return max > 0 && Number(info.get('used_memory') ?? 0) > max * limits.memoryScarceShare;
  };
  const step = openCompactor(redis);
  const compact = async (): Promise<void> => {
    const done = await step();
    if (done !== undefined) engine.metrics.meter.add('compacted', done.rewritten);
  };
  const closings = { triage: openTriage(redis), alerts: openAlertStore(redis), fanOut };
  const ticks = ticker({
    streams,
    pipeline: current,
    now: Date.now,
    retentionMs: config.retentionMs,
    scarce,
    compact,
    notifyClosings: () => notifyOverdue(closings),
    ...faults,
  });
  const running = ticks.run();
  return {
    expect: ticks.expect,
    async stop() {
      ticks.stop();
      await running;
    },
  };
}
