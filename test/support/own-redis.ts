/**
 * The redis-server of one test file and a connection to it. Both are closed at the end of the file, after everything that
 * the file itself closes, because vitest runs afterAll hooks in reverse order.
 *
 *     const { redis } = await ownRedis();   beforeEach(() => redis.flushall());
 */
import { afterAll, expect } from 'vitest';
import { connect, type Redis } from '../../engine/redis/connection.ts';
import { startRedis, type TestRedis } from './redis.ts';

/** @param options as in startRedis   @throws Error inside of a test, where vitest ignores afterAll and the server would stay */
export async function ownRedis(options?: Record<string, string>): Promise<{ readonly server: TestRedis; readonly redis: Redis }> {
  if (expect.getState().currentTestName !== undefined) throw new Error('call ownRedis() outside of tests: nothing would stop its server');
  const server = await startRedis(options);
  const redis = connect(server.url, 'test');
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  return { server, redis };
}
