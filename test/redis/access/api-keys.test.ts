import { beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { limits } from '../../../engine/core/limits.ts';
import { openKeySnapshot, openKeyStore } from '../../../engine/redis/access/api-keys.ts';
import { keys } from '../../../engine/redis/keys.ts';
import type { StoredKey } from '../../../engine/runtime/access/api-keys.ts';
import { until } from '../../support/processes.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { server, redis } = await ownRedis();
redis.on('error', () => undefined);
beforeEach(() => redis.flushall());
const store = openKeyStore(redis);
const key = (name: string, more: Partial<StoredKey> = {}): StoredKey => ({
  name,
  scopes: ['read'],
  hash: hashOf(name),
  created: 1000,
  by: 'test',
  ...more,
});

describe('keys in Redis', () => {
  it('are created once, and none replaces another', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => store.create(key('a', { created: i }))));
    expect(made.filter((one) => one === 'made')).toHaveLength(1);
    expect(made.filter((one) => one === 'taken')).toHaveLength(19);
    expect(await store.list()).toHaveLength(1);
  });

  it.each(['toString', 'constructor', 'valueOf', 'hasOwnProperty', '__proto__'])('may be named %s', async (name) => {
    await store.create(key(name));
    expect(await store.list()).toEqual([key(name)]);
    await store.revoke(name, 5);
    expect(await store.list()).toEqual([{ ...key(name), revoked: 5 }]);
  });

  it('are revoked permanently, and keep their name', async () => {
    await store.create(key('a', { expires: 9000 }));
    expect(await store.revoke('b', 5)).toBe('missing');
    const outcomes = await Promise.all([7, 8, 9].map((now) => store.revoke('a', now)));
    expect(outcomes.toSorted()).toEqual(['already', 'already', 'revoked']);
    const [found] = await store.list();
    expect(found).toMatchObject({ ...key('a'), expires: 9000 });
    expect([7, 8, 9]).toContain(found!.revoked);
    expect(await store.create(key('a'))).toBe('taken');
  });

  it('are bounded: keys that are no longer valid make room, the oldest first, and valid keys stay', async () => {
    const names = Array.from({ length: limits.apiKeysMax }, (_, i) => `k${i}`);
    await Promise.all(names.map((name, i) => redis.hset(keys.apiKeys, name, JSON.stringify(key(name, { created: i })))));
    expect(await store.create(key('new'))).toBe('full');
    await store.revoke('k3', 500);
    await store.revoke('k2', 600);
    expect(await store.create(key('new'))).toBe('made');
    const left = (await store.list()).map(({ name }) => name);
    expect(left).toHaveLength(limits.apiKeysMax);
    expect([left.includes('k2'), left.includes('k3'), left.includes('new')]).toEqual([false, true, true]);
    expect(await redis.hlen(keys.apiKeysRevoked)).toBe(1);
  });
});

describe('the snapshot', () => {
  it('is unknown before the first read, follows Redis, and survives an outage of Redis', async () => {
    await store.create(key('a'));
    using snapshot = openKeySnapshot(redis, store, 20);
    expect(snapshot.current()).toBeUndefined();
    await snapshot.opened;
    expect(snapshot.current()).toMatchObject([{ name: 'a' }]);
    await store.revoke('a', 5);
    await until(() => snapshot.current()?.[0]?.revoked === 5);
    await store.create(key('b', { created: 2000 }));
    await snapshot.refresh();
    expect(snapshot.current()?.map(({ name }) => name)).toEqual(['a', 'b']);
    await server.kill();
    await until(() => redis.status !== 'ready');
    expect(snapshot.current()?.map(({ name }) => name)).toEqual(['a', 'b']);
    await server.start();
    await until(() => redis.status === 'ready');
    // The data is gone, and with it the keys: those that were known stay in force, until there are others.
    expect(await store.list()).toEqual([]);
    await snapshot.refresh();
    expect(snapshot.current()?.map(({ name }) => name)).toEqual(['a', 'b']);
    await store.create(key('c', { created: 3000 }));
    await snapshot.refresh();
    expect(snapshot.current()?.map(({ name }) => name)).toEqual(['c']);
  });
});
