/**
 * Evidence from the streams: the full events behind log entries. A pack is read whole whichever of its events is
 * asked for, so the packs of late are kept, up to a bound in bytes.
 */
import type { Datasets } from '../core/dataset.ts';
import type { Event, EventRef } from '../core/event.ts';
import { limits } from '../core/limits.ts';
import { unpack } from '../core/pack.ts';
import type { Evidence } from '../runtime/ports.ts';
import type { Redis } from './connection.ts';
import { keys } from './keys.ts';
import { pipelined } from './scripts.ts';

type Kept = { readonly events: ReadonlyMap<number, Event>; readonly bytes: number };

export function redisEvidence(redis: Redis, datasets: () => Datasets): Evidence {
  const kept = new Map<string, Kept>();
  let keptBytes = 0;

  function keep(place: string, pack: Kept): void {
    kept.set(place, pack);
    keptBytes += pack.bytes;
    for (const [oldest, { bytes }] of kept) {
      if (keptBytes <= limits.evidenceCacheBytesMax) return;
      kept.delete(oldest);
      keptBytes -= bytes;
    }
  }

  async function load(refs: readonly EventRef[]): Promise<Map<string, Kept>> {
    const answers = await pipelined<[id: string, fields: string[]][]>(redis, (pipeline) => {
      for (const { shard, ms, seq } of refs) pipeline.raw('XRANGE', keys.events(shard), `${ms}-${seq}`, `${ms}-${seq}`);
    });
    const loaded = new Map<string, Kept>();
    answers.forEach((entries, i) => {
      const ref = refs[i]!;
      const fields = entries[0]?.[1];
      const text = fields?.[fields.indexOf('p') + 1];
      const events =
        text === undefined ? [] : unpack(text, ref, datasets()).located.map(({ ref: at, event }) => [at.index, event] as const);
      loaded.set(placeOf(ref), { events: new Map(events), bytes: text?.length ?? 0 });
    });
    return loaded;
  }

  return {
    async fetch(refs) {
      const missing = new Map(refs.filter((ref) => !kept.has(placeOf(ref))).map((ref) => [placeOf(ref), ref]));
      const loaded = await load([...missing.values()]);
      const events = refs.map((ref) => (loaded.get(placeOf(ref)) ?? kept.get(placeOf(ref)))?.events.get(ref.index) ?? 'expired');
      for (const [place, pack] of loaded) if (pack.bytes > 0) keep(place, pack);
      return events;
    },
  };
}

const placeOf = ({ shard, ms, seq }: EventRef): string => `${shard}:${ms}-${seq}`;
