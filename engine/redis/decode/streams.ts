/**
 * The event streams as one consumer of the workers' group sees them (the EventStreams port). Blocking reads use a
 * connection of their own; all other commands use the shared one.
 *
 * A missing consumer group (after FLUSHALL or a restored backup) is created again from the beginning of the stream and
 * reported: this code cannot know what else was lost with it.
 */
import type { Arrival } from '../../core/event.ts';
import type { Datasets } from '../../core/ingest/dataset.ts';
import { limits } from '../../core/limits.ts';
import { unpackInParts, type EntryPlace } from '../../core/decode/unpack.ts';
import { silent, type Meter } from '../../runtime/metering/meter.ts';
import type { DeadLetter, Decoded, Delivery, EventStreams, Settlement } from '../../runtime/decode/ports.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command, script, type Argument, type ScriptCall } from '../commands/call.ts';
import type { Redis } from '../connection.ts';
import { isError } from '../errors.ts';
import { keys } from '../keys.ts';

export type StreamOptions = {
  readonly redis: RedisNodes;
  /** For blocking reads. */
  readonly blocking: Redis;
  readonly shards: number;
  /** Unique among all workers, past and future. */
  readonly consumer: string;
  /** The mappings of the running rule set. */
  readonly datasets: () => Datasets;
  /** Called after a missing consumer group was created again. */
  readonly onStateLost: () => void;
  /** Called with the number of pending entries whose text is gone: events lost by a trim or by Redis. */
  readonly onVanished: (entries: number) => void;
  /** Called with the text of each pack that is read. */
  readonly onPack?: (place: EntryPlace, text: string) => void;
  /** Counts the time and the events of decoding, lost events, and what a bound removed. */
  readonly meter?: Pick<Meter, 'stage' | 'add' | 'addTo'>;
};

/** The answer of Redis: [id, [field, value, …]]; the fields are null when the entry is gone. */
type RawEntry = [id: string, fields: string[] | null];

/** The answer of XAUTOCLAIM: the next cursor, the entries, and since Redis 7 the ids of entries that are gone. */
type Claimed = [cursor: string, entries: (RawEntry | null)[], gone: string[] | undefined];
type Pending = [id: string, consumer: string, idle: number, deliveries: number];

const { group } = keys;

const dropCall = (shard: number, consumer: string): ScriptCall => script('drop-consumer', [keys.events(shard)], [group, consumer]);

/** A consumer in the answer of XINFO CONSUMERS: names and values alternate. */
type ConsumerRow = readonly (string | number)[];

const aboutConsumer = (row: ConsumerRow, name: string): string => String(row[row.indexOf(name) + 1]);

export function redisStreams(options: StreamOptions): EventStreams {
  const { blocking, shards, consumer, meter = silent } = options;
  const redis = commandsOn(options.redis);
  const all = Array.from({ length: shards }, (_, shard) => shard);
  let ready = false;
  let entryBytes: number = limits.packBytesMax;

  async function ensureGroups(): Promise<void> {
    if (ready) return;
    for (const shard of all) {
      await redis.ask(command('xgroup create', keys.events(shard), group, 0, 'MKSTREAM')).catch((error: Error) => {
        if (!isError(error, 'BUSYGROUP')) throw error;
      });
    }
    ready = true;
  }

  /** Runs `work` with the groups in place; if they vanish meanwhile, creates them and runs it once more. */
  async function withGroups<T>(work: () => Promise<T>): Promise<T> {
    await ensureGroups();
    try {
      return await work();
    } catch (error) {
      if (!isError(error, 'NOGROUP')) throw error;
      meter.add('lostGroups');
      options.onStateLost();
      ready = false;
      await ensureGroups();
      return work();
    }
  }

  function deliver(shard: number, [id, fields]: RawEntry, deliveries: number): Delivery {
    const { ms, seq } = parseId(id);
    const value = (name: string): string => fields?.[fields.indexOf(name) + 1] ?? '';
    const text = value('p');
    entryBytes += (text.length - entryBytes) / 16;
    const place = { shard, ms, seq };
    options.onPack?.(place, text);
    const decode = (): Iterable<Decoded> => decoded(text, place, options.datasets());
    const counted = value('n');
    const events = counted === '0' ? 0 : Number(counted) || eventsOf(decode());
    return { shard, ms, seq, deliveries, events, decode: () => measured(decode(), events) };
  }

  /** Reports the total time of decoding to the meter, without the time between the parts. */
  function* measured(parts: Iterable<Decoded>, events: number): Generator<Decoded> {
    let took = 0;
    let since = performance.now();
    for (const part of parts) {
      took += performance.now() - since;
      yield part;
      since = performance.now();
    }
    if (events > 0) meter.stage('decode', events, (took + performance.now() - since) / 1000);
  }

  async function read(bytesMax: number, blockMs: number): Promise<Delivery[]> {
    const count = Math.max(1, Math.min(limits.readEntriesMax, Math.floor(bytesMax / entryBytes / shards)));
    const streams = all.map(keys.events);
    const wanted = streams.map(() => '>');
    const answer = await withGroups(() =>
      blocking.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'BLOCK', blockMs, 'STREAMS', ...streams, ...wanted),
    );
    const found = (answer ?? []) as [stream: string, entries: RawEntry[]][];
    return found.flatMap(([stream, entries]) => entries.map((entry) => deliver(streams.indexOf(stream), entry, 1))).sort(byArrival);
  }

  async function claim(idleMs: number, max: number): Promise<Delivery[]> {
    const claimed: Delivery[] = [];
    for (const shard of all) {
      const [, entries, gone] = await withGroups(() =>
        redis.ask<Claimed>(command('xautoclaim', keys.events(shard), group, consumer, idleMs, '0-0', 'COUNT', max)),
      );
      const present = entries.filter((entry): entry is RawEntry => entry !== null && entry[1] !== null);
      const vanished = entries.length - present.length + (gone?.length ?? 0);
      if (vanished > 0) {
        meter.add('vanished', vanished);
        options.onVanished(vanished);
      }
      const counts = await deliveryCounts(shard, present);
      claimed.push(...present.map((entry, i) => deliver(shard, entry, counts[i]!)));
    }
    return claimed.sort(byArrival);
  }

  async function deliveryCounts(shard: number, entries: readonly RawEntry[]): Promise<number[]> {
    const answers = await redis.send<Pending[]>(entries.map(([id]) => command('xpending', keys.events(shard), group, id, id, 1)));
    return answers.map((rows) => rows[0]?.[3] ?? 1);
  }

  async function touch(deliveries: readonly Delivery[]): Promise<void> {
    const calls = [...byShard(deliveries)].map(([shard, some]) =>
      command('xclaim', keys.events(shard), group, consumer, 0, ...some.map(entryId), 'JUSTID'),
    );
    await redis.send(calls);
  }

  async function settle(settlements: readonly Settlement[]): Promise<void> {
    const shardOf = new Map(settlements.map((one) => [one.delivery, one]));
    const calls = [...byShard(settlements.map((one) => one.delivery))].map(([shard, deliveries]) => {
      const args: Argument[] = [group, limits.deadLettersMax];
      for (const delivery of deliveries) {
        const { deadLetters } = shardOf.get(delivery)!;
        const processed = processedOf(delivery, deadLetters);
        const letters = deadLetters.map((letter) => JSON.stringify(letter));
        args.push(entryId(delivery), processed, delivery.events - processed, letters.length, ...letters);
      }
      return script('settle', [keys.events(shard), keys.stats(shard), keys.dead(shard), keys.alone(shard)], args);
    });
    for (const count of await redis.send<number>(calls)) if (count > 0) meter.addTo('evicted', 'dead_letters', count);
  }

  /** Without the sequence number: only the milliseconds are comparable between shards. */
  async function clock(): Promise<Arrival> {
    const ids = await withGroups(() => redis.send<string>(all.map((shard) => script('clock', [keys.events(shard)], [group]))));
    return { ms: Math.min(...ids.map((id) => parseId(id).ms)), seq: 0 };
  }

  async function trim(retentionMs: number): Promise<number> {
    const [seconds] = await redis.anyNode().time();
    const before = `${Math.max(0, Number(seconds) * 1000 - retentionMs)}-0`;
    const dropped = await withGroups(() => redis.send<number>(all.map((shard) => script('trim', [keys.events(shard)], [before, group]))));
    return dropped.reduce((sum, count) => sum + count, 0);
  }

  /** Removes the consumers of dead workers. If one is still alive, its next read creates it again. */
  async function sweepConsumers(idleMs: number): Promise<number> {
    const infos = await withGroups(() =>
      redis.send<ConsumerRow[]>(all.map((shard) => command('xinfo consumers', keys.events(shard), group))),
    );
    const isDead = (row: ConsumerRow): boolean =>
      aboutConsumer(row, 'name') !== consumer &&
      Number(aboutConsumer(row, 'pending')) === 0 &&
      Number(aboutConsumer(row, 'idle')) >= idleMs;
    const calls = infos.flatMap((rows, shard) => rows.filter(isDead).map((row) => dropCall(shard, aboutConsumer(row, 'name'))));
    const gone = await redis.send<number>(calls);
    return gone.reduce((sum, one) => sum + one, 0);
  }

  async function leave(): Promise<void> {
    await redis.send(all.map((shard) => dropCall(shard, consumer)));
  }

  const aloneField = (delivery: Delivery, index: number): string => `${entryId(delivery)}:${index}`;

  return {
    read,
    claim,
    touch,
    tryAlone: (delivery, index) => redis.ask(command('hincrby', keys.alone(delivery.shard), aloneField(delivery, index), 1)),
    survived: async (delivery, index) => void (await redis.ask(command('hdel', keys.alone(delivery.shard), aloneField(delivery, index)))),
    settle,
    clock,
    trim,
    sweepConsumers,
    leave,
  };
}

/** The number of processed events: those that could be read and were not given up afterwards. The others are dead. */
function processedOf(delivery: Delivery, deadLetters: readonly DeadLetter[]): number {
  if (deadLetters.length === 0) return delivery.events;
  const dead = new Set(deadLetters.map(({ ref }) => ref.index));
  const read = [...delivery.decode()].flatMap(({ located }) => located);
  return Math.min(delivery.events, read.filter(({ ref }) => !dead.has(ref.index)).length);
}

function* decoded(text: string, place: EntryPlace, datasets: Datasets): Generator<Decoded> {
  for (const { located, undecodable } of unpackInParts(text, place, datasets)) {
    yield {
      located,
      undecodable: undecodable.map(({ ref, cause, body }) => ({
        ref,
        stage: 'decode',
        cause,
        body: body.slice(0, limits.deadLetterBytesMax),
      })),
    };
  }
}

const eventsOf = (parts: Iterable<Decoded>): number =>
  [...parts].reduce((sum, { located, undecodable }) => sum + located.length + undecodable.length, 0);

const entryId = ({ ms, seq }: Arrival): string => `${ms}-${seq}`;

export function parseId(id: string): Arrival {
  const dash = id.indexOf('-');
  return { ms: Number(id.slice(0, dash)), seq: Number(id.slice(dash + 1)) };
}

const byArrival = (a: Arrival, b: Arrival): number => a.ms - b.ms || a.seq - b.seq;

function byShard(deliveries: readonly Delivery[]): Map<number, Delivery[]> {
  const shards = new Map<number, Delivery[]>();
  for (const delivery of deliveries) {
    const some = shards.get(delivery.shard);
    if (some === undefined) shards.set(delivery.shard, [delivery]);
    else some.push(delivery);
  }
  return shards;
}
