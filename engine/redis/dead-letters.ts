/** Dead letters of all shards, newest first. A place in the list is `<ms>-<seq>:<shard>`. */
import type { DeadLetter } from '../runtime/ports.ts';
import type { Redis } from './connection.ts';
import { keys } from './keys.ts';
import { pipelined } from './scripts.ts';
import { parseId } from './streams.ts';

export type StoredDeadLetter = {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly stage: string;
  readonly cause: string;
  readonly body: string;
};

export type DeadLetterPage = { readonly letters: readonly StoredDeadLetter[]; readonly next: string | undefined };

type Found = { readonly ms: number; readonly seq: number; readonly shard: number; readonly letter: StoredDeadLetter };

/** @param after the place of the last letter that was seen */
export function redisDeadLetters(redis: Redis, shards: number) {
  return {
    async list({ limit, after }: { readonly limit: number; readonly after: string | undefined }): Promise<DeadLetterPage> {
      const place = after === undefined ? undefined : parsePlace(after);
      const answers = await pipelined<[id: string, fields: string[]][]>(redis, (pipeline) => {
        for (let shard = 0; shard < shards; shard++) {
          pipeline.raw('XREVRANGE', keys.dead(shard), upperEnd(shard, place), '-', 'COUNT', String(limit + 1));
        }
      });
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

function read([id, fields]: [string, string[]], shard: number): Found {
  const { ms, seq } = parseId(id);
  const { stage, cause, body } = JSON.parse(fields[fields.indexOf('letter') + 1] ?? '{}') as DeadLetter;
  return { ms, seq, shard, letter: { id: `${id}:${shard}`, at: new Date(ms).toISOString(), stage, cause, body } };
}
