import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { strongHash } from '../../../engine/core/util/hash.ts';
import { limits } from '../../../engine/core/limits.ts';
import { keys, partitionOf } from '../../../engine/redis/keys.ts';
import { fieldOf, itemOf, openOutbox, openOutboxReader, outboxPairs } from '../../../engine/redis/forward/outbox.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { ownRedis } from '../../support/own-redis.ts';

const partitions = 8;
const { redis } = await ownRedis();
const reader = openOutboxReader(redis, partitions);
beforeEach(() => redis.flushall());

const entry = (id: string, more: Partial<Alert> = {}) => ({ alert: alertOf(id, more), groupHash: strongHash(id, 16) });
const home = (id: string): number => partitionOf(strongHash(id, 16), partitions);

describe('the outbox', () => {
  it('returns what was added, and reports the partition', async () => {
    const woken: number[] = [];
    await openOutbox(redis, partitions, (partition) => woken.push(partition)).add([entry('a'), entry('b'), entry('c')]);
    expect(woken.toSorted()).toEqual([...new Set(['a', 'b', 'c'].map(home))].toSorted());
    expect(await reader.occupied()).toEqual([...new Set(woken)].toSorted((a, b) => a - b));
    const { items, more } = await reader.take(await reader.occupied(), 100);
    expect(
      items
        .map(({ kind, id, partition, text }) => ({ kind, id, partition, alert: JSON.parse(text) as unknown }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    ).toEqual(['a', 'b', 'c'].map((id) => ({ kind: 'alert', id: `al_${id}`, partition: home(id), alert: alertOf(id) })));
    expect(more).toEqual([]);
  });

  it('does not change an alert that it already has', async () => {
    const outbox = openOutbox(redis, partitions);
    await outbox.add([entry('a')]);
    await outbox.add([entry('a', { reason: 'another' })]);
    await outbox.add([]);
    expect(JSON.parse((await redis.hget(keys.outbox(home('a')), 'al_a'))!)).toEqual(alertOf('a'));
  });

  it('removes alerts, and removes updates only if they are the same as read', async () => {
    await openOutbox(redis, partitions).add([entry('a')]);
    const key = keys.outbox(home('a'));
    const field = fieldOf({ kind: 'update', id: 'al_a' });
    await redis.hset(key, field, '{"version":1}');
    const { items } = await reader.take([home('a')], 10);
    expect(items.map(({ kind, id }) => `${kind} ${id}`).toSorted()).toEqual(['alert al_a', 'update al_a']);
    await redis.hset(key, field, '{"version":2}');
    await reader.remove(items);
    expect(await redis.hgetall(key)).toEqual({ 'al_a+': '{"version":2}' });
    await reader.remove((await reader.take([home('a')], 10)).items);
    expect(await reader.occupied()).toEqual([]);
  });

  it('has a field for each alert, and one for its newest update', () => {
    const update = { id: 'al_a', version: 1, count: 2, first_seen: iso(noon), last_seen: iso(noon) };
    const pairs = ['al_a', JSON.stringify(alertOf('a')), 'al_a+', JSON.stringify(update)];
    expect(outboxPairs([alertOf('a')], [update])).toEqual(pairs);
    fc.assert(
      fc.property(fc.constantFrom('alert' as const, 'update' as const), fc.stringMatching(/^[0-9a-zA-Z_-]+$/), (kind, id) => {
        expect(itemOf(3, fieldOf({ kind, id }), 'text')).toEqual({ kind, id, partition: 3, text: 'text' });
      }),
    );
  });

  it('returns every item within one round, however many stay', async () => {
    const ids = Array.from({ length: 500 }, (_, i) => `n${i}`);
    await openOutbox(redis, 1).add(ids.map((id) => entry(id)));
    const one = openOutboxReader(redis, 1);
    for (let round = 0; round < 2; round++) {
      const seen = new Set<string>();
      for (let more = [0]; more.length > 0;) {
        const page = await one.take(more, 20);
        for (const { id } of page.items) seen.add(id);
        more = page.more;
      }
      expect(seen.size).toBe(500);
    }
  });

  it('keeps every script call within its bounds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: limits.scriptBytesMax }), { maxLength: 12 }),
        fc.boolean(),
        async (sizes, many) => {
          await redis.flushall();
          const alerts = [...sizes, ...(many ? Array<number>(1500).fill(0) : [])].map((size, i) =>
            entry(`n${i}`, { message: 'x'.repeat(size) }),
          );
          await openOutbox(redis, 1).add(alerts);
          expect(await redis.hlen(keys.outbox(0))).toBe(alerts.length);
          await openOutboxReader(redis, 1).remove(alerts.map(({ alert }) => ({ kind: 'alert', id: alert.id, partition: 0, text: '' })));
          expect(await redis.hlen(keys.outbox(0))).toBe(0);
        },
      ),
      { numRuns: 15 },
    );
  });
});
