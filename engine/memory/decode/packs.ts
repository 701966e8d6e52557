/**
 * Packs of already matched events. A pack is kept as long as an entry of a window log may need one of its events as
 * evidence, and released with the last of them. Event positions are numbered across all packs.
 */
import type { Event, EventRef } from '../../core/event.ts';
import type { EventPack } from '../../runtime/pipeline/replay-session.ts';
import type { Holder } from '../correlate/entry-arena.ts';

type Kept = { readonly first: number; readonly pack: EventPack; held: number; open: boolean };

export type MemoryPacks = Holder & {
  /** Keeps a pack whose events have the positions from `first` on. @returns a function that closes it: once closed, it is released when none of its events is held */
  keep(first: number, pack: EventPack): () => void;
  /** The event at the reference; undefined when its pack has been released. */
  event(ref: EventRef): Event | undefined;
  /** Number of packs that are kept. */
  readonly size: number;
};

export function memoryPacks(): MemoryPacks {
  /** In order of position. */
  const packs: Kept[] = [];

  function indexOf(position: number): number {
    let high = packs.length - 1;
    // Most events are looked up while their pack is the newest.
    let low = high >= 0 && packs[high]!.first <= position ? high : 0;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (packs[middle]!.first <= position) low = middle;
      else high = middle - 1;
    }
    const found = packs[low];
    return found !== undefined && position >= found.first && position < found.first + found.pack.lines ? low : -1;
  }

  function drop(index: number): void {
    const { held, open, pack } = packs[index]!;
    if (held > 0 || open) return;
    packs.splice(index, 1);
    pack.gone();
  }

  return {
    get size() {
      return packs.length;
    },
    keep(first, pack) {
      const kept: Kept = { first, pack, held: 0, open: true };
      packs.push(kept);
      return () => {
        kept.open = false;
        drop(packs.indexOf(kept));
      };
    },
    hold(position) {
      const index = indexOf(position);
      if (index !== -1) packs[index]!.held += 1;
    },
    release(position) {
      const index = indexOf(position);
      if (index === -1) return;
      packs[index]!.held -= 1;
      drop(index);
    },
    event(ref) {
      const index = indexOf(ref.seq);
      if (index === -1) return undefined;
      const { first, pack } = packs[index]!;
      return pack.event(ref.seq - first, ref.ms);
    },
  };
}
