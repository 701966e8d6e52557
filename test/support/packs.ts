/** Packs as ingest adds them, past its sink: for entries that it would never write. */
import { script } from '../../engine/redis/commands/call.ts';
import { commandsOn } from '../../engine/redis/commands.ts';
import type { Redis } from '../../engine/redis/connection.ts';
import { keys } from '../../engine/redis/keys.ts';

/** Gives the id of the entry. */
export const addPack = (redis: Redis, shard: number, text: string, events: number): Promise<string> =>
  commandsOn(redis).ask(script('ingest', [keys.events(shard), keys.stats(shard)], [text, events]));
