/** Dead letters of all shards, newest first. A place in the list is `<ms>-<seq>:<shard>`. */
import type { Envelope } from '../../core/ingest/envelope.ts';
import { packer } from '../../core/ingest/pack.ts';
import type { DeadLetterPage, DeadLetters, LetterFate, StoredDeadLetter } from '../../runtime/decode/dead-letters.ts';
import type { DeadLetter } from '../../runtime/decode/ports.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command, script } from '../commands/call.ts';
import { keys } from '../keys.ts';
import { parseId } from './streams.ts';

type Entry = [id: string, fields: string[]];

type Found = { readonly ms: number; readonly seq: number; readonly shard: number; readonly letter: StoredDeadLetter };

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

/**
 * A retry ingests the event again, with its old id and time, and deletes the dead letter, in one step. The ledger counts
 * the event as accepted once more, and keeps it counted as dead.
 */
export function openDeadLetters(nodes: RedisNodes, shards: number): DeadLetters {
  const redis = commandsOn(nodes);

  async function list(limit: number, after: string | undefined): Promise<DeadLetterPage> {
    const place = after === undefined ? undefined : parsePlace(after);
    const calls = Array.from({ length: shards }, (_, shard) =>
      command('xrevrange', keys.dead(shard), upperEnd(shard, place), '-', 'COUNT', limit + 1),
    );
    const answers = await redis.send<Entry[]>(calls);
    const found = answers.flatMap((entries, shard) => entries.map((entry) => read(entry, shard)));
    found.sort((a, b) => b.ms - a.ms || b.seq - a.seq || b.shard - a.shard);
    const letters = found.slice(0, limit).map(({ letter }) => letter);
    return { letters, next: found.length > limit ? letters.at(-1)?.id : undefined };
  }

  async function find(id: string): Promise<{ entry: Entry; shard: number } | undefined> {
    const [, place, shard] = /^(\d{1,15}-\d{1,15}):(\d{1,4})$/.exec(id) ?? [];
    if (place === undefined || Number(shard) >= shards) return undefined;
    const [entry] = await redis.ask<Entry[]>(command('xrange', keys.dead(Number(shard)), place, place));
    return entry === undefined ? undefined : { entry, shard: Number(shard) };
  }

  async function retry(id: string): Promise<LetterFate> {
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

  async function discard(id: string): Promise<LetterFate> {
    const found = await find(id);
    if (found === undefined) return 'gone';
    return (await redis.ask(command('xdel', keys.dead(found.shard), found.entry[0]))) === 1 ? 'discarded' : 'gone';
  }

  return {
    list: ({ limit, after }) => list(limit, after),
    async get(id) {
      const found = await find(id);
      return found === undefined ? undefined : read(found.entry, found.shard).letter;
    },
    retry: (ids) => Promise.all(ids.map(retry)),
    discard: (ids) => Promise.all(ids.map(discard)),
  };
}
