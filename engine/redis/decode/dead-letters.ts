/** Dead letters of all shards, newest first. A place in the list is `<ms>-<seq>:<shard>`. */
import type { Envelope } from '../../core/ingest/envelope.ts';
import { packer } from '../../core/ingest/pack.ts';
import type { DeadLetter } from '../../runtime/decode/ports.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command, script } from '../commands/call.ts';
import { keys } from '../keys.ts';
import { parseId } from './streams.ts';

export type StoredDeadLetter = {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly stage: string;
  readonly cause: string;
  readonly body: string;
  /** Whether it can be given to ingest again. */
  readonly retryable: boolean;
  /** The event that it was; absent where it could not be read. `time` is RFC 3339. */
  readonly event?: { readonly id: string; readonly time: string; readonly dataset: string };
};

export type DeadLetterPage = { readonly letters: readonly StoredDeadLetter[]; readonly next: string | undefined };

type Entry = [id: string, fields: string[]];

type Found = { readonly ms: number; readonly seq: number; readonly shard: number; readonly letter: StoredDeadLetter };

/** @param after the place of the last letter that was seen */
export function redisDeadLetters(nodes: RedisNodes, shards: number) {
  const redis = commandsOn(nodes);
  return {
    async list({ limit, after }: { readonly limit: number; readonly after: string | undefined }): Promise<DeadLetterPage> {
      const place = after === undefined ? undefined : parsePlace(after);
      const calls = Array.from({ length: shards }, (_, shard) =>
        command('xrevrange', keys.dead(shard), upperEnd(shard, place), '-', 'COUNT', limit + 1),
      );
      const answers = await redis.send<Entry[]>(calls);
      const found = answers.flatMap((entries, shard) => entries.map((entry) => read(entry, shard)));
      found.sort((a, b) => b.ms - a.ms || b.seq - a.seq || b.shard - a.shard);
      const letters = found.slice(0, limit).map(({ letter }) => letter);
      return { letters, next: found.length > limit ? letters.at(-1)?.id : undefined };
    },
  };
}

/** The newest id of a shard that comes after the place: shards with the same id are listed from the highest down. */
function upperEnd(shard: number, place: { readonly id: string; readonly shard: number } | undefined): string {
  if (place === undefined) return '+';
  return shard < place.shard ? place.id : `(${place.id}`;
}

function parsePlace(text: string): { id: string; shard: number } {
  const found = /^(\d+-\d+):(\d+)$/.exec(text);
  return found === null ? { id: '0-0', shard: 0 } : { id: found[1]!, shard: Number(found[2]) };
}

function read([id, fields]: Entry, shard: number): Found {
  const { ms, seq } = parseId(id);
  const { stage, cause, body, envelope } = letterOf(fields);
  const event = envelope === undefined ? {} : { event: { ...shownEnvelope(envelope) } };
  const letter = { id: `${id}:${shard}`, at: new Date(ms).toISOString(), stage, cause, body, retryable: envelope !== undefined, ...event };
  return { ms, seq, shard, letter };
}

const letterOf = (fields: string[]): DeadLetter => JSON.parse(fields[fields.indexOf('letter') + 1] ?? '{}') as DeadLetter;

const shownEnvelope = ({ id, time, dataset }: Envelope) => ({ id, time: new Date(time).toISOString(), dataset });

/** What was done with a letter. `gone`: there is no such letter (any more). */
export type Decided = 'retried' | 'discarded' | 'gone' | 'not_retryable';

/**
 * Letters one by one. A retry gives the event to ingest again, with its old id and time, and takes the letter away, in
 * one step: the ledger counts the event as accepted once more, and its death stays counted.
 */
export function openDeadLetterActions(nodes: RedisNodes, shards: number) {
  const redis = commandsOn(nodes);

  async function find(id: string): Promise<{ entry: Entry; shard: number } | undefined> {
    const [, place, shard] = /^(\d{1,15}-\d{1,15}):(\d{1,4})$/.exec(id) ?? [];
    if (place === undefined || Number(shard) >= shards) return undefined;
    const [entry] = await redis.ask<Entry[]>(command('xrange', keys.dead(Number(shard)), place, place));
    return entry === undefined ? undefined : { entry, shard: Number(shard) };
  }

  async function retry(id: string): Promise<Decided> {
    const found = await find(id);
    if (found === undefined) return 'gone';
    const { entry, shard } = found;
    const { envelope, body } = letterOf(entry[1]);
    if (envelope === undefined) return 'not_retryable';
    const packs = packer();
    packs.add(envelope, body, Buffer.byteLength(body));
    const [pack] = packs.finish();
    const its = [keys.dead(shard), keys.events(shard), keys.stats(shard)];
    return (await redis.ask(script('letter-retry', its, [entry[0], pack!.text]))) === 1 ? 'retried' : 'gone';
  }

  async function discard(id: string): Promise<Decided> {
    const found = await find(id);
    if (found === undefined) return 'gone';
    return (await redis.ask(command('xdel', keys.dead(found.shard), found.entry[0]))) === 1 ? 'discarded' : 'gone';
  }

  return {
    async get(id: string): Promise<StoredDeadLetter | undefined> {
      const found = await find(id);
      return found === undefined ? undefined : read(found.entry, found.shard).letter;
    },
    retry: (ids: readonly string[]) => Promise.all(ids.map(retry)),
    discard: (ids: readonly string[]) => Promise.all(ids.map(discard)),
  };
}
