/**
 * Gives back the room that Redis keeps for window logs to grow in, of logs that lie idle: about a fifth of what all of
 * them take. One step looks at some thousand keys; step after step it goes round the whole Redis, node by node. However
 * many processes there are, one of them takes a step each second, and where it has got to stands in Redis.
 */
import { limits } from '../../core/limits.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command, script } from '../commands/call.ts';
import { keys } from '../keys.ts';

export type CompactorOptions = {
  /** Seconds without an append after which a log counts as idle. */
  readonly idleSeconds?: number;
  /** Between two steps, of whichever process. */
  readonly everyMs?: number;
};

/** What a step did: logs rewritten, and whether it was the last one of a round. Undefined: it was not this process's turn. */
export type CompactStep = { readonly rewritten: number; readonly round: boolean };

export function openCompactor(nodes: RedisNodes, { idleSeconds = limits.compactIdleSeconds, everyMs = 900 }: CompactorOptions = {}) {
  const redis = commandsOn(nodes);

  return async function step(): Promise<CompactStep | undefined> {
    if (everyMs > 0 && (await redis.ask(command('set', keys.compacting, 1, 'PX', everyMs, 'NX'))) === null) return undefined;
    const all = redis.nodes();
    const from = parsePlace(await redis.ask(command('get', keys.compactCursor)), all.length);
    const [cursor, found] = await all[from.node]!.scan(from.cursor, 'COUNT', limits.compactKeysMax);
    const next = cursor === '0' ? { node: (from.node + 1) % all.length, cursor } : { node: from.node, cursor };
    await redis.ask(command('set', keys.compactCursor, placeText(next)));
    const logs = Map.groupBy(found.filter(keys.isLog), keys.partitionOfLog);
    const calls = [...logs].map(([partition, some]) => script('compact', [...some, keys.scratch(partition)], [idleSeconds]));
    const counts = await redis.send<number>(calls);
    return { rewritten: counts.reduce((sum, count) => sum + count, 0), round: placeText(next) === '0' };
  };
}

/** Where the next step begins: the SCAN cursor, and on which of the nodes. */
type Place = { readonly node: number; readonly cursor: string };

/** `<cursor>` on the first node, `<cursor>/<node>` on another. */
const placeText = ({ node, cursor }: Place): string => (node === 0 ? cursor : `${cursor}/${node}`);

/** A place on a node that is no longer there is the beginning. */
function parsePlace(text: string | null, nodes: number): Place {
  const [cursor = '0', node = '0'] = (text ?? '0').split('/');
  return Number(node) < nodes ? { node: Number(node), cursor } : { node: 0, cursor: '0' };
}
