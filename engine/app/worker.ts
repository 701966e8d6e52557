/** One worker, on two connections: one for blocking reads, one for everything else. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { openCleanup } from '../cleanup.ts';
import type { PackTexts } from '../redis/alert/pack-texts.ts';
import { claimLayout } from '../redis/start/layout-claim.ts';
import type { EventStreams } from '../runtime/decode/ports.ts';
import { heartbeatRules } from '../runtime/ingest/heartbeat.ts';
import { silent } from '../runtime/metering/meter.ts';
import { pipeline } from '../runtime/pipeline/pipeline.ts';
import { worker, type Worker } from '../runtime/pipeline/worker.ts';
import { storesOn } from '../stores.ts';
import { openConnection } from './connection.ts';
import type { Faults } from './faults.ts';
import type { Foundation } from './foundation.ts';
import { following, pipelineDeps, type Listeners } from './pipelines.ts';

/** Disposing waits until everything read has been processed. */
export type RunningWorker = AsyncDisposable & Pick<Worker, 'stop' | 'silentMs'> & { readonly streams: EventStreams };

/**
 * @param number of the worker in this process, from 0
 * @param texts keeps the packs that the worker reads
 */
export function startWorker(engine: Foundation, number: number, texts: PackTexts, listeners: Listeners, faults: Faults): RunningWorker {
  const { config, log, metrics, rules } = engine;
  const { meter } = metrics;
  const cleanup = openCleanup();
  const redis = openConnection(engine, `worker-${number}`, cleanup);
  const blocking = openConnection(engine, `reader-${number}`, cleanup);
  const stores = storesOn(redis, engine.storeSettings, cleanup);
  const streams = stores.streams({
    blocking,
    consumer: `${hostname()}-${process.pid}-${number}-${randomUUID().slice(0, 8)}`,
    datasets: () => rules.current().ruleset.datasets,
    onPack: texts.keep,
    onStateLost() {
      log.error('Redis lost its data: the consumer group is missing; starting over');
      claimLayout(engine.redis, config).catch((fault: unknown) => faults.unlessOutage('claiming Redis again', fault));
    },
    onVanished: (entries) => log.error({ entries }, 'pending entries are missing from the stream: events were lost'),
  });
  const deps = pipelineDeps(engine, stores, texts, listeners);
  const current = following(() => rules.current().ruleset, deps);
  const heartbeat = pipeline(heartbeatRules(), { ...deps, meter: silent });
  const loop = worker({ streams, pipeline: current, heartbeat, meter, now: Date.now, ...faults });
  const running = loop.run();
  return {
    streams,
    stop: loop.stop,
    silentMs: loop.silentMs,
    async [Symbol.asyncDispose]() {
      loop.stop();
      await running;
      await cleanup.close();
    },
  };
}
