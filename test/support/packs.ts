/** Packs as ingest adds them, past its sink: for entries that it would never write. */
import { script } from '../../engine/redis/commands/call.ts';
import { commandsOn, type RedisNodes } from '../../engine/redis/commands.ts';
import { keys } from '../../engine/redis/keys.ts';

/** Gives the id of the entry. */
export const addPack = (nodes: RedisNodes, shard: number, text: string, events: number): Promise<string> =>
  commandsOn(nodes).ask(script('ingest', [keys.events(shard), keys.stats(shard)], [text, events]));
