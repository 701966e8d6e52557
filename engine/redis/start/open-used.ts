/**
 * The door to Redis for a command beside a running engine: an embedded Redis that a Weir runs is used as it stands, one
 * that nobody runs is started for as long as the command takes.
 */
import { realpathSync } from 'node:fs';
import { lockOwner } from '../embedded/lock.ts';
import { socketOf } from '../embedded/paths.ts';
import { openRedis, type OpenRedis, type RedisSettings } from './open.ts';
import { preflight } from './preflight.ts';

/** @throws WeirError (78) with the remedy */
export async function openUsed(settings: RedisSettings, say: (line: string) => void): Promise<OpenRedis> {
  if (settings.redisUrl !== undefined || lockOwner(settings.dataPath) === undefined) return openRedis(settings, say);
  const url = `unix://${socketOf(realpathSync(settings.dataPath))}`;
  await preflight(url, settings, say);
  return { url, embedded: true, async [Symbol.asyncDispose]() {} };
}
