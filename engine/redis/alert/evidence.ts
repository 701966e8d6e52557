/**
 * Evidence from the streams: the full events to which log entries refer. An alert may need fifty events of fifty packs,
 * and storms of alerts come under the highest load. So only the wanted lines are taken out of a pack: in memory if this
 * process read the pack recently, otherwise by a script in Redis. (With whole packs read and parsed, a storm of alerts
 * slowed the worker to a fifth of this.)
 */
import type { Datasets } from '../../core/ingest/dataset.ts';
import type { Event, EventRef } from '../../core/event.ts';
import { eventOfLine } from '../../core/decode/unpack.ts';
import type { Evidence } from '../../runtime/alert/ports.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { script } from '../commands/call.ts';
import { keys } from '../keys.ts';
import type { PackTexts } from './pack-texts.ts';

/** @param texts the packs read recently */
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
