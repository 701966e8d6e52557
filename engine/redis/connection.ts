/**
 * Connections to Redis. Every write of Weir is idempotent, so commands that were under way when a connection broke
 * are sent again. A connection on which an answer is due and nothing comes is given up and made anew: a dead peer
 * behind a silent network would else be waited for as long as the kernel likes, which is hours.
 */
import { Redis, type RedisOptions } from 'ioredis';
import { limits } from '../core/limits.ts';

export type { Redis } from 'ioredis';

type Options = Omit<RedisOptions, 'replyMapping'>;

/**
 * @param url `redis://…`, `rediss://…` or `unix:///path/to.sock`
 * @param role shown in CLIENT LIST
 */
export function connect(url: string, role: string, options: Options = {}): Redis {
  const settings: Options = {
    connectionName: `weir-${role}`,
    enableReadyCheck: true,
    maxRetriesPerRequest: null,
    socketTimeout: limits.redisSilenceMsMax,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 5), 1000),
    // Redis overestimates how long it still loads: trusting it, a client came back 9 s after the server did.
    maxLoadingRetryTime: 250,
    ...options,
  };
  return url.startsWith('unix://') ? new Redis({ ...settings, path: url.slice('unix://'.length) }) : new Redis(url, settings);
}
