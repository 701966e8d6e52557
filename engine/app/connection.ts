/** Connections of a running engine. Each outage is logged once, not at every attempt to reconnect. */
import type { Logger } from 'pino';
import type { Cleanup } from '../cleanup.ts';
import { connect, type Redis } from '../redis/connection.ts';

/** @param role shown in CLIENT LIST and in the log */
export function openConnection(
  { redisUrl, log }: { readonly redisUrl: string; readonly log: Logger },
  role: string,
  cleanup: Cleanup,
  options: Parameters<typeof connect>[2] = {},
): Redis {
  const redis = connect(redisUrl, role, options);
  let down = false;
  redis.on('error', (error: Error) => {
    if (!down) log.warn({ err: error.message, role }, 'Redis is unreachable; retrying');
    down = true;
  });
  redis.on('ready', () => {
    if (down) log.info({ role }, 'Redis is reachable again');
    down = false;
  });
  cleanup.defer(() => redis.disconnect());
  return redis;
}
