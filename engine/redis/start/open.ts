/**
 * Opens Redis for a command: the one of REDIS_URL, or an embedded one. It is checked before it is used.
 *
 *     await using redis = await openRedis(config, io.say);   connect(redis.url, 'worker')
 */
import type { Config } from '../../config/config.ts';
import { ensureServer, thisSystem } from '../embedded/install.ts';
import { startEmbedded } from '../embedded/server.ts';
import { preflight } from './preflight.ts';
import { realpathSync } from 'node:fs';
import { lockOwner } from '../embedded/lock.ts';
import { socketOf } from '../embedded/paths.ts';

export type OpenRedis = AsyncDisposable & {
  readonly url: string;
  readonly embedded: boolean;
};

export type RedisSettings = Pick<Config, 'redisUrl' | 'dataPath' | 'fsync' | 'maxmemoryBytes' | 'partitions' | 'shards'>;

/**
 * @param say one line for the operator: installing, loading, warnings, restarts
 * @param stopping aborts the wait for a Redis that is starting
 * @throws WeirError (78) with the remedy; the signal's reason when it aborted the wait
 */
export async function openRedis(settings: RedisSettings, say: (line: string) => void, stopping?: AbortSignal): Promise<OpenRedis> {
  if (settings.redisUrl !== undefined) {
    await warned(settings.redisUrl, settings, say, stopping);
    return { url: settings.redisUrl, embedded: false, async [Symbol.asyncDispose]() {} };
  }
  const server = await ensureServer(thisSystem(say));
  const redis = await startEmbedded(server, settings, say);
  try {
    await warned(redis.url, settings, say, stopping);
  } catch (error) {
    await redis[Symbol.asyncDispose]();
    throw error;
  }
  return { url: redis.url, embedded: true, [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose]() };
}

async function warned(url: string, settings: RedisSettings, say: (line: string) => void, stopping?: AbortSignal): Promise<void> {
  for (const finding of await preflight(url, settings, say, undefined, stopping)) {
    if (finding.level === 'warn') say(`Redis: ${finding.message} ${finding.remedy}`);
  }
}

/**
 * Opens Redis for a command that may run next to a running engine. An embedded Redis that another Weir process already
 * runs is used; otherwise one is started for as long as the command takes.
 * @throws WeirError (78) with the remedy
 */
export async function openUsed(settings: RedisSettings, say: (line: string) => void): Promise<OpenRedis> {
  if (settings.redisUrl !== undefined || lockOwner(settings.dataPath) === undefined) return openRedis(settings, say);
  const url = `unix://${socketOf(realpathSync(settings.dataPath))}`;
  await preflight(url, settings, say);
  return { url, embedded: true, async [Symbol.asyncDispose]() {} };
}
