import { beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../../engine/redis/connection.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { openInstallationReader } from '../../../engine/redis/metering/installation.ts';
import { noDatasets } from '../../support/datasets.ts';
import { redisStreams } from '../../../engine/redis/decode/streams.ts';
import { heartbeatPack } from '../../../engine/runtime/ingest/heartbeat.ts';
import { ownRedis } from '../../support/own-redis.ts';
import { addPack } from '../../support/packs.ts';

const { server, redis } = await ownRedis();
const read = openInstallationReader(redis, { shards: 2, partitions: 4 });
beforeEach(() => redis.flushall());

let accepted = 0;
async function accept(events: number, id = '*'): Promise<string> {
  accepted += events;
  await redis.hincrby(keys.stats(0), 'accepted', events);
  return (await redis.xadd(keys.events(0), id, 'p', 'x'.repeat(100), 'n', events, 'c', accepted))!;
}
const takeOne = async (count = 1): Promise<void> =>
  void (await redis.xreadgroup('GROUP', keys.group, 'me', 'COUNT', count, 'STREAMS', keys.events(0), '>'));
async function settle(id: string, processed: number, dead = 0): Promise<void> {
  await redis.xack(keys.events(0), keys.group, id);
  await redis.hincrby(keys.stats(0), 'processed', processed);
  await redis.hincrby(keys.stats(0), 'dead', dead);
}
async function ledger() {
  const [shard] = (await read()).shards;
  expect(shard!.accepted).toBe(shard!.processed + shard!.dead + shard!.pendingEvents);
  return shard!;
}

describe('the state of the installation', () => {
  it('is all zeros in an empty Redis, and the arrival clock is now', async () => {
    const state = await read();
    expect(state.shards).toHaveLength(2);
    expect(state.shards[0]).toMatchObject({ accepted: 0, processed: 0, dead: 0, pendingEvents: 0, unreadEntries: 0, pendingEntries: 0 });
    expect(Math.abs(state.shards[0]!.clockMs - state.nowMs)).toBeLessThan(1000);
    expect(state.outbox).toBe(0);
    expect(state.redis.usedBytes).toBeGreaterThan(0);
  });

  it('counts pending events from the stream at every step, also before there is a group and after trimming', async () => {
    accepted = 0;
    const a = await accept(10, '1000-0');
    expect(await ledger()).toMatchObject({ accepted: 10, pendingEvents: 10, unreadEntries: 1, pendingEntries: 0, clockMs: 1000 });
    await redis.xgroup('CREATE', keys.events(0), keys.group, '0');
    const b = await accept(5, '2000-0');
    const c = await accept(7, '3000-0');
    await takeOne(2);
    expect(await ledger()).toMatchObject({ pendingEvents: 22, unreadEntries: 1, pendingEntries: 2, clockMs: 1000 });
    await settle(a, 9, 1);
    expect(await ledger()).toMatchObject({ processed: 9, dead: 1, pendingEvents: 12, pendingEntries: 1, clockMs: 2000 });
    await redis.xtrim(keys.events(0), 'MINID', b);
    expect(await ledger()).toMatchObject({ pendingEvents: 12, clockMs: 2000 });
    await settle(b, 5);
    expect(await ledger()).toMatchObject({ pendingEvents: 7, unreadEntries: 1, pendingEntries: 0, clockMs: 3000 });
    await takeOne();
    await settle(c, 0, 7);
    expect(await ledger()).toMatchObject({ accepted: 22, processed: 14, dead: 8, pendingEvents: 0, unreadEntries: 0 });
  });

  it('shows outboxes and waiting alerts', async () => {
    await redis.hset(keys.outbox(0), 'al_a', '{}', 'al_a+', '{}');
    await redis.hset(keys.outbox(3), 'al_b', '{}');
    await redis.zadd(keys.waiting('low'), 0, 'x', 0, 'y');
    await redis.hset(keys.partitionStats(1), 'alerts', 4, 'muted', 5);
    await redis.hset(keys.partitionStats(2), 'alerts', 1);
    expect(await read()).toMatchObject({
      outbox: 3,
      windows: { alerts: 5, muted: 5, capped: 0 },
      held: { critical: 0, high: 0, medium: 0, low: 2, informational: 0 },
    });
  });

  it('counts dead letters and window logs', async () => {
    for (const shard of [0, 0, 1]) await redis.xadd(keys.dead(shard), '*', 'letter', '{}');
    await redis.set(keys.log(2, 'shape', 'group'), 'x'.repeat(62));
    const { deadLetters, windowLogs } = await read();
    expect([deadLetters, windowLogs.count]).toEqual([3, 1]);
    expect(windowLogs.bytes).toBe(await redis.memory('USAGE', keys.log(2, 'shape', 'group')));
  });

  it('reports how durable Redis is, even where CONFIG is forbidden', async () => {
    const durability = async (): Promise<string> => (await read()).redis.durability;
    expect(await durability()).toBe('off');
    await redis.config('SET', 'appendonly', 'yes');
    for (const mode of ['everysec', 'always', 'no']) {
      await redis.config('SET', 'appendfsync', mode);
      expect(await durability()).toBe(`aof_${mode}`);
    }
    await redis.call('ACL', 'SETUSER', 'default', '-config');
    expect(await durability()).toBe('aof');
    await redis.call('ACL', 'SETUSER', 'default', '+config');
    await redis.config('SET', 'appendonly', 'no');
  });

  it('reports the newest settled heartbeat, whatever the order, and does not count heartbeats as events', async () => {
    const blocking = connect(server.url, 'test');
    const options = { redis, blocking, shards: 2, consumer: 'me', datasets: () => noDatasets };
    const streams = redisStreams({ ...options, onStateLost: () => undefined, onVanished: () => undefined });
    for (const shard of [0, 1]) {
      const { text, events } = heartbeatPack(shard, 5000);
      await addPack(redis, shard, text, events);
    }
    await redis.xadd(keys.events(0), '*', 'p', heartbeatPack(0, 6000).text, 'n', 0, 'c', 0);
    const deliveries = [...(await streams.read(100_000, 10)), ...(await streams.read(100_000, 10))];
    expect(deliveries.map(({ events }) => events)).toEqual([0, 0, 0]);
    for (const delivery of deliveries.toReversed()) await streams.settle([{ delivery, deadLetters: [] }]);
    const newest = Math.max(...deliveries.filter(({ shard }) => shard === 0).map(({ ms }) => ms));
    expect(await ledger()).toMatchObject({ accepted: 0, processed: 0, dead: 0, pendingEvents: 0, heartbeatMs: newest });
    expect((await ledger()).heartbeatTookMs).toBeGreaterThanOrEqual(0);
    blocking.disconnect();
  });
});
