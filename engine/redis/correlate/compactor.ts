/**
 * Frees the memory that Redis reserves for window logs to grow, in logs that are idle: about a fifth of what all logs
 * take. One step checks some thousand keys; successive steps go round the whole Redis, node by node. However many
 * processes there are, one of them takes a step each second. The position is stored in Redis.
 */
import { limits } from '../../core/limits.ts';
import { commandsOn, type RedisNodes } from '../commands.ts';
import { command, script } from '../commands/call.ts';
import { keys } from '../keys.ts';

export type CompactorOptions = {
  /** Seconds without an append after which a log counts as idle. */
  readonly idleSeconds?: number;
  /** Time between two steps, whichever processes take them. */
  readonly everyMs?: number;
};

/** The result of a step: logs rewritten, and whether it was the last of a round. Undefined: it was another process's turn. */
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

/** Where the next step begins: the SCAN cursor and the node. */
type Place = { readonly node: number; readonly cursor: string };

/** `<cursor>` on the first node, `<cursor>/<node>` on another. */
const placeText = ({ node, cursor }: Place): string => (node === 0 ? cursor : `${cursor}/${node}`);

/** If the node no longer exists, the round starts again from the beginning. */
function parsePlace(text: string | null, nodes: number): Place {
  const [cursor = '0', node = '0'] = (text ?? '0').split('/');
  return Number(node) < nodes ? { node: Number(node), cursor } : { node: 0, cursor: '0' };
}
