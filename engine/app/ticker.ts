/** The ticker of this process, on the engine's connection; it reads the clock and trims the streams on a worker's. */
import { limits } from '../core/limits.ts';
import { memoryOf, parseInfo } from '../redis/info.ts';
import type { Redis } from '../redis/connection.ts';
import { notifyOverdue } from '../runtime/deliver/closings.ts';
import type { FanOut } from '../runtime/deliver/ports.ts';
import type { Pipeline } from '../runtime/pipeline/pipeline.ts';
import { ticker, type Ticker, type TickerDeps } from '../runtime/pipeline/ticker.ts';
import type { Faults } from './faults.ts';
import type { Foundation } from './foundation.ts';

export type TickerParts = {
  readonly streams: TickerDeps['streams'];
  readonly pipeline: () => Pipeline;
  /** Delivers closed alerts to webhooks. */
  readonly fanOut: FanOut;
};

export function startTicker(engine: Foundation, parts: TickerParts, faults: Faults): AsyncDisposable & Pick<Ticker, 'expect'> {
  const { config, redis, stores, metrics } = engine;
  const { streams, pipeline, fanOut } = parts;
  const closings = { triage: stores.triage(), alerts: stores.alerts(), fanOut };
  const step = stores.compactor();
  const compact = async (): Promise<void> => {
    const done = await step();
    if (done !== undefined) metrics.meter.add('compacted', done.rewritten);
  };
  const ticks = ticker({
    streams,
    pipeline,
    now: Date.now,
    retentionMs: config.retentionMs,
    scarce: () => isMemoryScarce(redis),
    compact,
    notifyClosings: () => notifyOverdue(closings),
    ...faults,
  });
  const running = ticks.run();
  return {
    expect: ticks.expect,
    async [Symbol.asyncDispose]() {
      ticks.stop();
      await running;
    },
  };
}

async function isMemoryScarce(redis: Redis): Promise<boolean> {
  const { used, max } = memoryOf(parseInfo(await redis.info('memory')));
  return max > 0 && used > max * limits.memoryScarceShare;
}
