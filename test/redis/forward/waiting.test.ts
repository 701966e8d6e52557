import { beforeEach, describe, expect, it } from 'vitest';
import { placeOf } from '../../../engine/core/alert/query.ts';
import { openAlertBudget } from '../../../engine/redis/forward/budget.ts';
import { openAlertStore } from '../../../engine/redis/alert/store.ts';
import { openWaitingList } from '../../../engine/redis/forward/waiting.ts';
import { forward } from '../../../engine/runtime/forward/forward.ts';
import { promote } from '../../../engine/runtime/forward/promote.ts';
import { silent } from '../../../engine/runtime/metering/meter.ts';
import { openIntake } from '../../../engine/deliver/siem-queue/intake.ts';
import { openSiemQueue } from '../../../engine/deliver/siem-queue/queue.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { redis } = await ownRedis();
beforeEach(() => redis.flushall());

describe('the waiting list', () => {
  it('returns the oldest of a level first, each once, and counts by level', async () => {
    const waiting = openWaitingList(redis);
    const places = [5, 1, 3].map((n) => placeOf(alertOf(`n${n}`, { created: iso(noon + n) })));
    await waiting.push([...places, places[0]!].map((place) => ({ level: 'low', place })));
    await waiting.push([{ level: 'high', place: places[0]! }]);
    expect(await waiting.sizes()).toEqual({ informational: 0, low: 3, medium: 0, high: 1, critical: 0 });
    expect(await waiting.head('low', 2)).toEqual([places[1], places[2]]);
    await waiting.remove('low', [places[1]!]);
    await waiting.remove('low', []);
    expect(await waiting.head('low', 10)).toEqual([places[2], places[0]]);
  });

  it('fills the real queue to its bound and no further, and every alert gets through in the end', async () => {
    const store = openAlertStore(redis);
    await using siem = openIntake(redis);
    await using queue = openSiemQueue(redis, store, { sweepMs: 0 });
    const ports = {
      outbox: { remove: async () => undefined },
      store,
      budget: openAlertBudget(redis),
      waiting: openWaitingList(redis),
      siem,
      meter: silent,
      now: Date.now,
      siemMax: 10,
    };
    const items = Array.from({ length: 40 }, (_, i) =>
      alertOf(`n${i}`, { level: i % 4 === 0 ? 'critical' : 'low', created: iso(noon + i) }),
    ).map((alert) => ({
      kind: 'alert' as const,
      id: alert.id,
      partition: 0,
      text: JSON.stringify(alert),
    }));
    expect(await forward(ports, items)).toEqual([]);
    const seen: string[] = [];
    for (;;) {
      expect(await siem.size()).toBeLessThanOrEqual(10);
      const leases = await queue.lease({ max: 500, seconds: 60 });
      if (leases.length === 0) break;
      seen.push(...leases.map(({ alert }) => `${alert.rule.level} ${alert.id}`));
      await queue.ack(leases.map(({ lease }) => lease));
      await promote(ports);
    }
    expect(seen).toEqual(
      items
        .map(({ text }) => JSON.parse(text) as { id: string; rule: { level: string } })
        .toSorted((a, b) => (a.rule.level < b.rule.level ? -1 : a.rule.level > b.rule.level ? 1 : 0))
        .map(({ id, rule }) => `${rule.level} ${id}`),
    );
  });
});
