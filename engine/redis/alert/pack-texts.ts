/**
 * The texts of the packs that this process read recently. Most evidence is a moment old, so most of it is found here
 * without asking Redis. Bounded in bytes; the oldest packs are dropped first.
 */
import type { EventRef } from '../../core/event.ts';
import { limits } from '../../core/limits.ts';
import { lineStarts, type EntryPlace } from '../../core/decode/unpack.ts';

export type PackTexts = {
  keep(place: EntryPlace, text: string): void;
  /** The event's line; undefined when its pack is not cached. */
  line(ref: EventRef): string | undefined;
};

type Kept = { readonly text: string; starts: Int32Array | undefined };

/** @param onForgotten called for each pack that is dropped */
export function packTexts(onForgotten: () => void, charactersMax: number = limits.evidenceCacheBytesMax): PackTexts {
  const kept = new Map<string, Kept>();
  let characters = 0;
  return {
    keep(place, text) {
      const name = nameOf(place);
      if (kept.has(name)) return;
      kept.set(name, { text, starts: undefined });
      characters += text.length;
      for (const [oldest, { text: gone }] of kept) {
        if (characters <= charactersMax) return;
        kept.delete(oldest);
        onForgotten();
        characters -= gone.length;
      }
    },
    line(ref) {
      const pack = kept.get(nameOf(ref));
      if (pack === undefined) return undefined;
      const starts = (pack.starts ??= lineStarts(pack.text));
      const { [ref.index]: from, [ref.index + 1]: next } = starts;
      return from === undefined ? '' : pack.text.slice(from, next === undefined ? undefined : next - 1);
    },
  };
}

const nameOf = ({ shard, ms, seq }: EntryPlace): string => `${shard}:${ms}-${seq}`;
