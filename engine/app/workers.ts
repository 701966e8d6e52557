/** The workers of one process, with the forwarder, the webhooks and the ticker that go with them. */
import { openCleanup } from '../cleanup.ts';
import { packTexts } from '../redis/alert/pack-texts.ts';
import { faultsIn } from './faults.ts';
import { startForwarder } from './forwarder.ts';
import type { Foundation } from './foundation.ts';
import { following, pipelineDeps, type Listeners } from './pipelines.ts';
import { startCostReports } from './rule-costs.ts';
import { startTicker } from './ticker.ts';
import { startWebhooks } from './webhooks.ts';
import { startWorker } from './worker.ts';

export type Workers = AsyncDisposable & {
  /** Stops reading; disposing waits until everything read has been processed. */
  stop(): void;
  /** For each worker, ms since the last round of its loop. */
  silentMs(): readonly number[];
};

/** Starts `config.workers` loops. */
export function startWorkers(engine: Foundation): Workers {
  const { config, log, metrics, rules, stores } = engine;
  const cleanup = openCleanup();
  const faults = faultsIn(log);
  const texts = packTexts(() => metrics.meter.addTo('evicted', 'evidence'));

  const { fanOut } = cleanup.use(startWebhooks(engine));
  const forwarder = cleanup.use(startForwarder(engine, fanOut, faults));
  cleanup.use(startCostReports(engine, faults));
  const listeners: Listeners = { onOutbox: forwarder.wake, onReview: (dueMs) => ticker.expect(dueMs) };
  const workers = Array.from({ length: config.workers }, (_, number) => startWorker(engine, number, texts, listeners, faults));
  cleanup.defer(() => Promise.all(workers.map((one) => one[Symbol.asyncDispose]())));
  const reviews = following(() => rules.current().ruleset, pipelineDeps(engine, stores, texts, listeners));
  const ticker = cleanup.use(startTicker(engine, { streams: workers[0]!.streams, pipeline: reviews, fanOut }, faults));

  const stop = (): void => {
    for (const one of workers) one.stop();
  };
  return {
    stop,
    silentMs: () => workers.map((one) => one.silentMs()),
    async [Symbol.asyncDispose]() {
      stop();
      await cleanup.close();
    },
  };
}
