/**
 * Connections to Redis. Every write of Weir is idempotent, so commands that were in progress when a connection broke are
 * sent again. A connection on which an answer is due but does not come is closed and reopened: otherwise a dead peer on a
 * silent network would block it until the kernel gives up, which takes hours.
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
    // Redis overestimates how long it will be loading: a client that trusted it reconnected 9 s after the server was ready.
    maxLoadingRetryTime: 250,
    ...options,
  };
  return url.startsWith('unix://') ? new Redis({ ...settings, path: url.slice('unix://'.length) }) : new Redis(url, settings);
}
