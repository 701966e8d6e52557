/** A connection for checking a Redis. Unlike working connections it does not retry: errors are reported immediately. */
import { connect, type Redis } from './connection.ts';
import { parseInfo, type Info } from './info.ts';

const connectMsMax = 5000;

/**
 * Opens a connection, lends it, closes it. Throws what connecting throws: refused, no password, protected mode, no such
 * database. The last one is asked for here, because the client library goes on in database 0.
 */
export async function withProbe<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = connect(url, 'probe', {
    loadScripts: false,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    connectTimeout: connectMsMax,
    commandTimeout: connectMsMax,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // connect() reports a refused connection only as "Connection is closed.", without the reason.
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason ??= error;
  });
  try {
    await redis.connect();
    const { db = 0 } = redis.options;
    if (db !== 0) await redis.select(db);
    return await use(redis);
  } catch (error) {
    throw reason ?? error;
  } finally {
    // On a closed connection, disconnect() would keep the process alive until its time-out.
    if (redis.status !== 'end') redis.disconnect();
  }
}

export const readInfo = (url: string): Promise<Info> => withProbe(url, async (redis) => parseInfo(await redis.info()));
