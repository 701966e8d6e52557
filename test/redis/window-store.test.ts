import { afterAll, beforeAll, describe } from 'vitest';
import type { Alert, AlertUpdate } from '../../engine/core/alert.ts';
import { connect, type Redis } from '../../engine/redis/connection.ts';
import { keys } from '../../engine/redis/keys.ts';
import { redisWindowStore } from '../../engine/redis/window-store.ts';
import { testProfile, windowStoreContract } from '../contract/window-store.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const partitions = 8;
let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = connect(server.url, 'test');
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

async function outbox(): Promise<{ alerts: Alert[]; updates: AlertUpdate[] }> {
  const alerts: Alert[] = [];
  const updates: AlertUpdate[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    for (const [field, json] of Object.entries(await redis.hgetall(keys.outbox(partition)))) {
      if (field.endsWith('+')) updates.push(JSON.parse(json) as AlertUpdate);
      else alerts.push(JSON.parse(json) as Alert);
    }
  }
  return { alerts, updates };
}

describe('window store on Redis', () => {
  windowStoreContract(async () => ({
    store: redisWindowStore({ redis, profile: testProfile, partitions, onOutbox: () => undefined }),
    outbox,
  }));
});
