/**
 * How full the way is: accepted events that are not yet finished, and Redis's memory. Asked every moment, and what
 * this process added since is counted on top, so that a burst between two looks does not overrun the bounds.
 *
 * The backlog is the ledger's own difference, accepted − processed − dead, in events: exact whatever was read,
 * claimed or trimmed meanwhile.
 */
import { limits } from '../../core/limits.ts';
import type { Refusal } from '../../runtime/ingest/sink.ts';
import type { Redis } from '../connection.ts';
import { parseInfo } from '../info.ts';
import { keys } from '../keys.ts';

export type IngestGauge = {
  /** Fulfilled by the first reading. */
  readonly opened: Promise<void>;
  refusal(): Refusal | undefined;
  added(events: number, bytes: number): void;
  stop(): void;
};

/** One reading. `memoryMax` 0: Redis has no bound. */
export type Reading = { readonly backlog: number; readonly memory: number; readonly memoryMax: number };

type Options = { readonly shards: number; readonly backlogEventsMax: number; readonly refreshMs: number };

export function ingestGauge(redis: Redis, options: Options): IngestGauge {
  let last: Reading | undefined;
  let sinceEvents = 0;
  let sinceBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const first = Promise.withResolvers<void>();

  async function refresh(): Promise<void> {
    const events = sinceEvents;
    const bytes = sinceBytes;
    try {
      last = await read(redis, options.shards);
      first.resolve();
      // What was added while Redis was asked may be in its answer already: counted twice until the next look, at worst.
      sinceEvents -= events;
      sinceBytes -= bytes;
    } catch {
      last = undefined;
    }
  }
  async function loop(): Promise<void> {
    if (redis.status === 'ready') await refresh();
    else last = undefined;
    if (!stopped) timer = setTimeout(() => void loop(), options.refreshMs).unref();
  }
  const start = (): void => {
    clearTimeout(timer);
    void loop();
  };
  redis.on('ready', start);

  return {
    opened: first.promise,
    refusal() {
      if (last === undefined) return { kind: 'refused', because: 'away', retryAfterSeconds: 2, detail: 'Redis does not answer' };
      const backlog = last.backlog + sinceEvents;
      if (backlog >= options.backlogEventsMax) {
        return {
          kind: 'refused',
          because: 'backlog',
          retryAfterSeconds: 1,
          detail: `${backlog} events wait for the workers, the bound is ${options.backlogEventsMax}`,
        };
      }
      const memory = last.memory + sinceBytes;
      if (last.memoryMax > 0 && memory >= last.memoryMax * limits.memoryShareMax) {
        const percent = Math.round((100 * memory) / last.memoryMax);
        return {
          kind: 'refused',
          because: 'full',
          retryAfterSeconds: 5,
          detail: `Redis uses ${percent} % of its maxmemory, ingest closes at ${limits.memoryShareMax * 100} %`,
        };
      }
      return undefined;
    },
    added(events, bytes) {
      sinceEvents += events;
      sinceBytes += bytes;
    },
    stop() {
      stopped = true;
      redis.off('ready', start);
      clearTimeout(timer);
    },
  };
}

async function read(redis: Redis, shards: number): Promise<Reading> {
  const stats = Array.from({ length: shards }, (_, shard) => redis.hmget(keys.stats(shard), 'accepted', 'processed', 'dead'));
  const [memory, ...counts] = await Promise.all([redis.info('memory'), ...stats]);
  const backlog = counts.reduce((sum, [accepted, processed, dead]) => sum + Number(accepted) - Number(processed) - Number(dead), 0);
  const info = parseInfo(memory);
  return { backlog, memory: Number(info.get('used_memory') ?? 0), memoryMax: Number(info.get('maxmemory') ?? 0) };
}
