/**
 * The event sink on Redis: packs go to the shards in turn. One script call adds a pack and counts its events.
 *
 * It refuses packs before writing, based on recent readings (gauge.ts), and never lets a client wait long for Redis:
 * commands are not queued while Redis is unavailable, not sent again when a connection breaks, and abandoned after
 * `waitMs`. Whether an abandoned pack was written is unknown: the client gets no 202 and sends it again, and event ids
 * make the repeat harmless.
 *
 * Tried: one connection for everything, with ioredis's defaults. It keeps every command for later while Redis is
 * unavailable: during an outage no client was answered, and afterwards it wrote requests whose clients had long given up.
 */
import { limits } from '../../core/limits.ts';
import type { EventSink, SinkAnswer, Refusal } from '../../runtime/ingest/sink.ts';
import { commandsOn, type Commands } from '../commands.ts';
import { script } from '../commands/call.ts';
import { connect, type Redis } from '../connection.ts';
import { refused, refusalFor } from '../errors.ts';
import { ingestGauge, type IngestGauge } from './gauge.ts';
import { keys } from '../keys.ts';

export type RedisSinkOptions = {
  readonly shards: number;
  readonly backlogEventsMax: number;
  /** Interval between readings of backlog and memory. */
  readonly refreshMs: number;
  /** Longest wait for Redis's answer. */
  readonly waitMs: number;
};

const defaults: RedisSinkOptions = { shards: limits.shards, backlogEventsMax: limits.backlogEventsMax, refreshMs: 200, waitMs: 2000 };

export type RedisSink = EventSink &
  AsyncDisposable & {
    /** Fulfilled when Redis is first reached; pending while it is unavailable. */
    readonly opened: Promise<void>;
  };

/** Opens its own connection; closed with `await sink[Symbol.asyncDispose]()`. */
export function openSink(url: string, options: Partial<RedisSinkOptions> = {}): RedisSink {
  const settings = { ...defaults, ...options };
  const redis = connect(url, 'ingest', {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: settings.waitMs,
    socketTimeout: settings.waitMs * 2,
  });
  redis.on('error', () => undefined); // visible in the status and in refusals
  const gauge = ingestGauge(redis, settings);
  return {
    ...sinkOn(commandsOn(redis), gauge, settings),
    opened: gauge.opened,
    [Symbol.asyncDispose]: () => close(redis, gauge),
  };
}

function sinkOn(redis: Commands, gauge: IngestGauge, settings: RedisSinkOptions): EventSink {
  let turn = 0;
  let inFlight = 0;

  const refusal = (): Refusal | undefined => {
    if (!redis.ready()) return refused('away', 'Redis is not reachable');
    if (inFlight > limits.ingestBytesMax) return refused('away', 'Redis does not keep up');
    return gauge.refusal();
  };

  return {
    refusal,
    async put(packs): Promise<SinkAnswer> {
      const closed = refusal();
      if (closed !== undefined) return closed;
      const bytes = packs.reduce((sum, pack) => sum + pack.bytes, 0);
      const events = packs.reduce((sum, pack) => sum + pack.events, 0);
      inFlight += bytes;
      gauge.added(events, bytes);
      const calls = packs.map((pack) => {
        const shard = turn++ % settings.shards;
        return script('ingest', [keys.events(shard), keys.stats(shard)], [pack.text, pack.events]);
      });
      const answers = await redis.trySend<string>(calls).finally(() => (inFlight -= bytes));
      const failed = answers.find((answer) => answer instanceof Error);
      if (failed === undefined) return { kind: 'accepted', events };
      const because = refusalFor(failed);
      return because.because === 'full' && packs.length === 1 ? because : { ...because, doubtful: true };
    },
  };
}

async function close(redis: Redis, gauge: IngestGauge): Promise<void> {
  gauge.stop();
  if (redis.status !== 'ready') return redis.disconnect();
  await redis.quit().catch(() => redis.disconnect());
}
