import { describe } from 'vitest';
import type { Alert, AlertUpdate } from '../../../engine/core/alert/alert.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { redisWindowStore } from '../../../engine/redis/correlate/window-store.ts';
import { testProfile, windowStoreContract } from '../../contract/window-store.ts';
import { ownRedis } from '../../support/own-redis.ts';

const partitions = 8;
const { redis } = await ownRedis();

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
