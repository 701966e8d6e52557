/** Adds packs to a stream without the sink of ingest, for entries that ingest would never write. */
import { script } from '../../engine/redis/commands/call.ts';
import { commandsOn, type RedisNodes } from '../../engine/redis/commands.ts';
import { keys } from '../../engine/redis/keys.ts';

/** @returns the id of the stream entry */
export const addPack = (nodes: RedisNodes, shard: number, text: string, events: number): Promise<string> =>
  commandsOn(nodes).ask(script('ingest', [keys.events(shard), keys.stats(shard)], [text, events]));
