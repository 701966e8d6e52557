/**
 * Evidence from the streams: the full events behind log entries. An alert may need fifty events of fifty packs, and a
 * storm of alerts comes when there is least time for it; so only the wanted lines are taken out of a pack: of those that
 * this process has read of late in memory, of the others by a script in Redis. (With whole packs read and parsed, a
 * storm of alerts slowed the worker to a fifth of this.)
 */
import type { Datasets } from '../../core/ingest/dataset.ts';
import type { Event, EventRef } from '../../core/event.ts';
import { eventOfLine } from '../../core/decode/unpack.ts';
import type { Evidence } from '../../runtime/alert/ports.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { script } from '../commands/call.ts';
import { keys } from '../keys.ts';
import type { PackTexts } from './pack-texts.ts';

/** @param texts packs read of late */
export function redisEvidence(nodes: RedisNodes, datasets: () => Datasets, texts: Pick<PackTexts, 'line'>): Evidence {
  const redis = commandsOn(nodes);

  async function linesOf(refs: readonly EventRef[]): Promise<Map<EventRef, string>> {
    const packs = [...Map.groupBy(refs, entryOf).values()].map((some) => some.toSorted((a, b) => a.index - b.index));
    const calls = packs.map((some) => {
      const { shard, ms, seq } = some[0]!;
      return script('pack-lines', [keys.events(shard)], [`${ms}-${seq}`, ...some.map(({ index }) => index)]);
    });
    const answers = await redis.send<string[]>(calls);
    return new Map(packs.flatMap((some, i) => some.map((ref, n) => [ref, answers[i]![n] ?? ''] as const)));
  }

  return {
    async fetch(refs) {
      const known = refs.map((ref) => texts.line(ref));
      const fetched = await linesOf(refs.filter((_, i) => known[i] === undefined));
      return refs.map((ref, i): Event | 'expired' => eventOfLine(known[i] ?? fetched.get(ref)!, datasets()) ?? 'expired');
    },
  };
}

const entryOf = ({ shard, ms, seq }: EventRef): string => `${shard}:${ms}-${seq}`;
