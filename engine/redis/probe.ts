/** One connection for looking at a Redis, without the patience of those that work with it: what fails, fails at once. */
import { connect, type Redis } from './connection.ts';
import { parseInfo, type Info } from './info.ts';

const connectMsMax = 5000;

/** Opens a connection, lends it, closes it. Throws what connecting throws: refused, no password, protected mode. */
export async function withProbe<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = connect(url, 'probe', {
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    connectTimeout: connectMsMax,
    commandTimeout: connectMsMax,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The reason of a refused connection reaches connect() only as "Connection is closed."
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason ??= error;
  });
  try {
    await redis.connect();
    return await use(redis);
  } catch (error) {
    throw reason ?? error;
  } finally {
    // On a connection that is closed already it would keep the process waiting for its time-out.
    if (redis.status !== 'end') redis.disconnect();
  }
}

export const readInfo = (url: string): Promise<Info> => withProbe(url, async (redis) => parseInfo(await redis.info()));
