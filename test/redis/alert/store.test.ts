import { describe, expect, it } from 'vitest';
import { openAlertStore } from '../../../engine/redis/alert/store.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { alertStoreContract } from '../../contract/alert-store.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { redis } = await ownRedis();

describe('the alert store on Redis', () => {
  alertStoreContract(async (options) => {
    await redis.flushall();
    return openAlertStore(redis, options);
  });

  it('stores nothing of an alert that it cannot index: alert, places and counts are one step', async () => {
    await redis.flushall();
    const store = openAlertStore(redis);
    await redis.config('SET', 'maxmemory', '1');
    expect((await store.put([alertOf('a')]))[0]).toBeInstanceOf(Error);
    await redis.config('SET', 'maxmemory', '0');
    expect(await redis.keys('*')).toEqual([]);
    expect(await store.put([alertOf('a')])).toEqual([{ created: true, queued: false, notified: false }]);
    for (const query of [{}, { rule: 'card-testing' }, { entity: { field: 'source.ip', value: '203.0.113.9' } }]) {
      expect((await store.search({ limit: 5, ...query })).alerts).toEqual([alertOf('a')]);
    }
  });

  it('skips a place whose alert is gone, and removes it when its turn comes', async () => {
    await redis.flushall();
    const store = openAlertStore(redis, { alertsMsMax: 1000 });
    await store.put([alertOf('a'), alertOf('b', { created: iso(noon + 1) })]);
    await redis.del(keys.alert('al_a'));
    expect((await store.search({ limit: 5 })).alerts.map(({ id }) => id)).toEqual(['al_b']);
    await store.trim(noon + 1001);
    expect(await redis.zcard(keys.alertIndex)).toBe(1);
  });

  it('stores the other alerts when one key is broken', async () => {
    await redis.flushall();
    await redis.set(keys.alert('al_broken'), 'not a hash');
    const [broken, fine] = await openAlertStore(redis).put([alertOf('broken'), alertOf('fine')]);
    expect(broken).toBeInstanceOf(Error);
    expect(fine).toEqual({ created: true, queued: false, notified: false });
  });

  it('leaves no key when all alerts have been deleted', async () => {
    await redis.flushall();
    const store = openAlertStore(redis, { alertsMsMax: 1000 });
    await store.put(Array.from({ length: 700 }, (_, i) => alertOf(`s${i}`, { shadow: true })));
    expect(await store.trim(noon + 5000)).toEqual({ open: 500 });
    expect(await store.trim(noon + 5000)).toEqual({ open: 200 });
    await store.update([{ id: 'al_s1', version: 9, count: 1, first_seen: '', last_seen: '' }]);
    expect(await redis.pttl(keys.alert('al_s1'))).toBeGreaterThan(0);
    expect((await redis.keys('*')).toSorted()).toEqual([keys.alert('al_s1'), keys.alertChanges]);
  });
});
