import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { levels, type Level } from '../../../engine/core/rule.ts';
import { createAlertStore } from '../../support/memory/alert-store.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { createMetrics } from '../../../engine/metrics/metrics.ts';
import type { AlertStore } from '../../../engine/runtime/forward/ports.ts';
import { openIntake, type Intake } from '../../../engine/deliver/siem-queue/intake.ts';
import { newToken, leaseText, readLease } from '../../../engine/deliver/siem-queue/lease.ts';
import { openSiemQueue, type RunningSiemQueue } from '../../../engine/deliver/siem-queue/queue.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { ownRedis } from '../../support/own-redis.ts';
import { samplesOf, valueOf } from '../../support/samples.ts';

const { redis } = await ownRedis();
let intake: Intake;
let queue: RunningSiemQueue;
let store: AlertStore;

beforeEach(async () => {
  await queue?.[Symbol.asyncDispose]();
  await intake?.[Symbol.asyncDispose]();
  await redis.flushall();
  store = createAlertStore();
  intake = openIntake(redis);
  queue = openSiemQueue(redis, store, { sweepMs: 0 });
});
afterAll(async () => {
  await queue[Symbol.asyncDispose]();
  await intake[Symbol.asyncDispose]();
});

async function queued(...specs: readonly (readonly [id: string, level?: Level])[]): Promise<void> {
  const alerts = specs.map(([id, level = 'high'], i) => alertOf(id, { level, created: iso(noon + i) }));
  await store.put(alerts);
  expect(await intake.add(alerts.map(({ id, rule, created }) => ({ id, level: rule.level, createdMs: Date.parse(created) })))).toEqual(
    alerts.map(() => true),
  );
}

const take = async (max = 10, seconds = 60): Promise<{ ids: string[]; leases: string[] }> => {
  const leased = await queue.lease({ max, seconds });
  return { ids: leased.map(({ alert }) => alert.id.slice(3)), leases: leased.map(({ lease }) => lease) };
};
const expired = async (ms = 1): Promise<void> => {
  await sleep(ms);
};

describe('the SIEM queue', () => {
  it('leases the most urgent alerts first, FIFO within a level, each once', async () => {
    await queued(['i', 'informational'], ['h1'], ['l', 'low'], ['c', 'critical'], ['h2'], ['m', 'medium'], ['h3']);
    expect(await queue.depth()).toEqual({
      depth: { critical: 1, high: 3, medium: 1, low: 1, informational: 1 },
      leased: 0,
      oldest: iso(noon),
    });
    const oldestMs = { critical: noon + 3, high: noon + 1, medium: noon + 5, low: noon + 2, informational: noon };
    expect(await queue.lines()).toMatchObject({ oldestMs });
    expect((await take(3)).ids).toEqual(['c', 'h1', 'h2']);
    expect((await take()).ids).toEqual(['h3', 'm', 'l', 'i']);
    expect((await take()).ids).toEqual([]);
    expect(await queue.depth()).toEqual({ depth: { critical: 0, high: 0, medium: 0, low: 0, informational: 0 }, leased: 7, oldest: null });
    expect((await queue.lines()).oldestMs).toMatchObject({ critical: null, informational: null });
  });

  it('returns the current alert from the store, and when the lease expires', async () => {
    await queued(['a']);
    await store.update([{ id: 'al_a', version: 4, count: 77, first_seen: iso(noon), last_seen: iso(noon + 9) }]);
    const [leased] = await queue.lease({ max: 1, seconds: 60 });
    expect(leased?.alert).toEqual(alertOf('a', { count: 77, last_seen: iso(noon + 9) }));
    expect(readLease(leased!.lease)).toMatchObject({ id: 'al_a', expiresMs: Date.parse(leased!.expires) });
  });

  it('never leases an alert twice to concurrent consumers', async () => {
    const ids = Array.from({ length: 300 }, (_, i) => `n${i}`);
    await queued(...ids.map((id) => [id] as const));
    const other = openSiemQueue(redis, store, { sweepMs: 0 });
    const answers = await Promise.all([queue, other, queue, other].map((each) => each.lease({ max: 100, seconds: 60 })));
    await other[Symbol.asyncDispose]();
    const leased = answers.flat().map(({ alert }) => alert.id.slice(3));
    expect(leased.toSorted()).toEqual(ids.toSorted());
  });

  it('acknowledges once, and never queues the id again', async () => {
    await queued(['a'], ['b']);
    const { leases } = await take(1);
    expect(await queue.ack([...leases, ...leases])).toEqual({ done: leases, expired: [] });
    expect(await queue.ack(leases)).toEqual({ done: leases, expired: [] });
    expect(await queue.nack(leases)).toEqual({ done: [], expired: leases });
    await queued(['a']);
    expect((await take()).ids).toEqual(['b']);
  });

  it('does not add an id twice while it waits or is leased', async () => {
    await queued(['a']);
    await queued(['a']);
    expect(await intake.size()).toBe(1);
    expect((await take()).ids).toEqual(['a']);
    await queued(['a']);
    expect(await intake.size()).toBe(1);
    expect((await take()).ids).toEqual([]);
  });

  it('returns a nacked alert to the end of its old priority', async () => {
    await queued(['h1'], ['h2'], ['m', 'medium']);
    const { leases } = await take(1);
    expect(await queue.nack(leases)).toEqual({ done: leases, expired: [] });
    expect((await take()).ids).toEqual(['h2', 'h1', 'm']);
  });

  it('returns an expired lease at its old priority, any number of times', async () => {
    await queued(['l', 'low'], ['h'], ['c', 'critical']);
    for (let round = 0; round < 4; round++) {
      expect((await take(10, 0)).ids).toEqual(['c', 'h', 'l']);
      await expired();
      expect(await queue.sweep()).toBe(3);
      expect(await queue.sweep()).toBe(0);
    }
    const { leases } = await take();
    expect((await queue.ack(leases)).done).toHaveLength(3);
  });

  it('refuses to end an expired lease, swept or not, so that its new holder keeps it', async () => {
    await queued(['a']);
    const { leases: late } = await take(1, 0);
    await expired();
    expect(await queue.ack(late)).toEqual({ done: [], expired: late });
    await queue.sweep();
    expect(await queue.nack(late)).toEqual({ done: [], expired: late });
    const { leases } = await take(1);
    expect(await queue.ack(late)).toEqual({ done: [], expired: late });
    expect(await queue.ack(leases)).toEqual({ done: leases, expired: [] });
  });

  it('treats invalid leases as expired', async () => {
    await queued(['a']);
    const { leases } = await take();
    const forged = [
      '',
      'x',
      '.',
      'al_a',
      'al_a.0',
      `${leases[0]!.slice(0, -1)}~`,
      leaseText('al_b', newToken(Date.now() + 1e6)),
      leaseText('al_a', newToken(Date.now() + 1e6)),
      leaseText('a:b', newToken(Date.now() + 1e6)),
      '💥',
    ];
    expect(await queue.ack(forged)).toEqual({ done: [], expired: forged });
    expect(await queue.nack(forged)).toEqual({ done: [], expired: forged });
    expect((await queue.ack(leases)).done).toEqual(leases);
  });

  it('needs no lock renewal: a blocked process does not lose its leases', async () => {
    await queued(['a']);
    const { leases } = await take(1, 3600);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    expect(await redis.pttl(`${keys.queuePrefix}:siem:al_a:lock`)).toBeGreaterThan(24 * 3_600_000);
    expect(await queue.sweep()).toBe(0);
    expect((await queue.ack(leases)).done).toEqual(leases);
  });

  it('returns a leased job whose lock was deleted', async () => {
    await queued(['a']);
    const { leases } = await take(1, 60);
    await redis.del(`${keys.queuePrefix}:siem:al_a:lock`);
    expect(await queue.sweep()).toBe(1);
    expect((await queue.ack(leases)).expired).toEqual(leases);
    expect((await take()).ids).toEqual(['a']);
  });

  it('completes alerts that are no longer stored, and leases others instead', async () => {
    await queued(['a'], ['c']);
    const metrics = createMetrics({ process: false });
    await intake.add([{ id: 'al_forgotten', level: 'critical', createdMs: noon }]);
    const counting = openSiemQueue(redis, store, { sweepMs: 0, meter: metrics.meter });
    expect((await counting.lease({ max: 2, seconds: 60 })).map(({ alert }) => alert.id)).toEqual(['al_a', 'al_c']);
    expect(await intake.size()).toBe(2);
    expect((await metrics.expose()).text).toContain('weir_siem_leases_total{outcome="missing"} 1\n');
    await counting[Symbol.asyncDispose]();
  });

  it('counts what was acknowledged as delivered, and times each acknowledgement', async () => {
    await queued(['a'], ['b'], ['c'], ['d']);
    const metrics = createMetrics({ process: false });
    await using counting = openSiemQueue(redis, store, { sweepMs: 0, meter: metrics.meter });
    const delivered = async (): Promise<(number | undefined)[]> => {
      const samples = samplesOf((await metrics.expose()).text);
      return ['weir_stage_events_total', 'weir_stage_duration_seconds_count'].map((name) => valueOf(samples, name, { stage: 'deliver' }));
    };
    const leases = (await counting.lease({ max: 4, seconds: 60 })).map(({ lease }) => lease);
    await counting.nack(leases.slice(3));
    expect(await delivered()).toEqual([0, 0]);
    await counting.ack(leases.slice(0, 2));
    expect(await delivered()).toEqual([2, 1]);
    await counting.ack([leases[2]!, leases[3]!]);
    expect(await delivered()).toEqual([3, 2]);
  });

  it('bounds the number of leases', async () => {
    await queued(...Array.from({ length: 10 }, (_, i) => [`n${i}`] as const));
    const small = openSiemQueue(redis, store, { sweepMs: 0, siemLeasedMax: 4 });
    expect(await small.lease({ max: 3, seconds: 60 })).toHaveLength(3);
    const [last] = await small.lease({ max: 3, seconds: 60 });
    expect(await small.lease({ max: 3, seconds: 60 })).toHaveLength(0);
    await small.ack([last!.lease]);
    expect(await small.lease({ max: 3, seconds: 60 })).toHaveLength(1);
    await small[Symbol.asyncDispose]();
  });

  it('refuses ids that BullMQ cannot handle, one by one, and adds the others', async () => {
    await queued(['fine']);
    const answers = await intake.add(['a:b', '123', '', 'al_ok'].map((id) => ({ id, level: 'low', createdMs: noon })));
    expect(answers.map((answer) => answer instanceof Error)).toEqual([true, true, true, false]);
    expect(await intake.size()).toBe(2);
  });

  it('adds the others when one job key is broken', async () => {
    await redis.set(`${keys.queuePrefix}:siem:al_later`, 'x');
    await redis.lpush(`${keys.queuePrefix}:siem:wrong`, 'x');
    const answers = await intake.add(['al_one', 'al_later', 'al_two'].map((id) => ({ id, level: 'low', createdMs: noon })));
    expect(answers[0]).toBe(true);
    expect(answers[2]).toBe(true);
    expect(await intake.size()).toBe(2);
  });

  it('gives every level its own priority, never 0 and never missing', async () => {
    await queued(...levels.map((level) => [level, level] as const));
    const stored = await Promise.all(levels.map((level) => redis.hget(`${keys.queuePrefix}:siem:al_${level}`, 'priority')));
    expect(stored).toEqual(['5', '4', '3', '2', '1']);
  });

  it('sweeps automatically', async () => {
    await queued(['a']);
    const sweeping = openSiemQueue(redis, store, { sweepMs: 20 });
    await sweeping.lease({ max: 1, seconds: 0 });
    while ((await queue.depth()).leased > 0) await sleep(5);
    await sweeping[Symbol.asyncDispose]();
    expect((await take()).ids).toEqual(['a']);
  });
});
