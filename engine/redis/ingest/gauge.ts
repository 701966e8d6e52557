/**
 * Whether ingest is open: the backlog of accepted events, and Redis's memory, read at short intervals. What this process
 * has added since the last reading is counted on top, so that a burst between two readings does not exceed the limits.
 *
 * The backlog is computed from the ledger, accepted − processed − dead, in events: it is exact, whatever was read, claimed
 * or trimmed meanwhile.
 */
import { limits } from '../../core/limits.ts';
import type { Refusal } from '../../runtime/ingest/sink.ts';
import { commandsOn, type Commands } from '../commands.ts';
import { command } from '../commands/call.ts';
import type { Redis } from '../connection.ts';
import { refused } from '../errors.ts';
import { memoryOf, parseInfo, type Memory } from '../info.ts';
import { keys } from '../keys.ts';

export type IngestGauge = {
  /** Fulfilled after the first reading. */
  readonly opened: Promise<void>;
  refusal(): Refusal | undefined;
  added(events: number, bytes: number): void;
  stop(): void;
};

/** One reading: events, and the memory of the fullest node. */
type Reading = { readonly backlog: number; readonly memory: Memory };

type Options = { readonly shards: number; readonly backlogEventsMax: number; readonly refreshMs: number };

export function ingestGauge(redis: Redis, options: Options): IngestGauge {
  const commands = commandsOn(redis);
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
      last = await read(commands, options.shards);
      first.resolve();
      // The answer may already include what was added meanwhile: at worst it is counted twice until the next reading.
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
      if (last === undefined) return refused('away', 'Redis does not answer');
      const backlog = last.backlog + sinceEvents;
      if (backlog >= options.backlogEventsMax)
        return refused('backlog', `${backlog} events wait for the workers, the bound is ${options.backlogEventsMax}`);
      const { max } = last.memory;
      const used = last.memory.used + sinceBytes;
      if (max > 0 && used >= max * limits.memoryShareMax) {
        const percent = Math.round((100 * used) / max);
        return refused('full', `Redis uses ${percent} % of its maxmemory, ingest closes at ${limits.memoryShareMax * 100} %`);
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

async function read(redis: Commands, shards: number): Promise<Reading> {
  const stats = Array.from({ length: shards }, (_, shard) => command('hmget', keys.stats(shard), 'accepted', 'processed', 'dead'));
  const [counts, ...infos] = await Promise.all([redis.send<(string | null)[]>(stats), ...redis.nodes().map((node) => node.info('memory'))]);
  const backlog = counts.reduce((sum, [accepted, processed, dead]) => sum + Number(accepted) - Number(processed) - Number(dead), 0);
  const memories = infos.map((info) => memoryOf(parseInfo(info)));
  return { backlog, memory: memories.reduce((fullest, one) => (share(one) > share(fullest) ? one : fullest)) };
}

const share = ({ used, max }: Memory): number => (max === 0 ? 0 : used / max);
