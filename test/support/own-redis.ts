/**
 * The redis-server of one test file and a connection to it, both closed when the file is done: after what the file
 * itself closes, as vitest takes the hooks of the end in reverse.
 *
 *     const { redis } = await ownRedis();   beforeEach(() => redis.flushall());
 */
import { afterAll } from 'vitest';
import { connect, type Redis } from '../../engine/redis/connection.ts';
import { startRedis, type TestRedis } from './redis.ts';

/** @param options as those of startRedis */
export async function ownRedis(options?: Record<string, string>): Promise<{ readonly server: TestRedis; readonly redis: Redis }> {
  const server = await startRedis(options);
  const redis = connect(server.url, 'test');
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  return { server, redis };
}
