/** Delivery of alerts to real receivers that verify them, on a real Redis. */
import { beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../engine/core/limits.ts';
import { secretOf } from '../../../engine/core/deliver/signature.ts';
import { levels } from '../../../engine/core/rule.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { webhooksState } from '../../../engine/deliver/webhooks/queues.ts';
import { alertOf } from '../../support/alerts.ts';
import { until } from '../../support/processes.ts';
import { answer, hang, reset, startReceiver, verifies } from '../../support/receiver.ts';
import { ownRedis } from '../../support/own-redis.ts';
import { secret, targetOf, webhookBench } from './deliverer.support.ts';

const { redis } = await ownRedis();
beforeEach(() => redis.flushall());

const some = (count: number) => Array.from({ length: count }, (_, n) => alertOf(`n${n}`, { level: levels[n % levels.length]! }));
const idsOf = (alerts: readonly { id: string }[]): string[] => alerts.map(({ id }) => id).toSorted();

describe('each alert arrives exactly once', () => {
  it('at a verifying receiver that fails twice, hangs once and then works', async () => {
    await using receiver = await startReceiver({ secret });
    receiver.next(answer(500), reset, hang);
    await using bench = webhookBench(redis, { attemptMsMax: 300 });
    await bench.targets.create(targetOf('soar', receiver.url));
    const alerts = some(20);
    await bench.alerts.put(alerts);
    expect(await bench.fanOut.add(alerts, 'alert.created')).toEqual(alerts.map(() => 'notified'));
    bench.start();
    await until(() => receiver.taken.length >= alerts.length);
    await until(async () => (await bench.queues.waiting('soar')) === 0);
    expect(receiver.taken.toSorted()).toEqual(idsOf(alerts));
    expect(receiver.received.every(({ verified }) => verified === true)).toBe(true);
    expect(await bench.counted()).toEqual({ delivered: 20, failed: 1, unreachable: 1, timeout: 1 });
    const { events, attempts, seconds } = await bench.stage();
    expect([events, attempts]).toEqual([20, 23]);
    // One of them hung until the timeout of an attempt.
    expect(seconds).toBeGreaterThanOrEqual(0.29);
    for (const { id, body, headers } of receiver.received) {
      expect(body).toMatchObject({ type: 'alert.created', data: { id } });
      expect(headers['content-type']).toBe('application/json');
    }
    // A retry has the same id as the first attempt, and its own timestamp.
    const again = receiver.received.filter(({ id }) => receiver.received.filter((one) => one.id === id).length > 1);
    expect(new Set(again.map(({ id }) => id)).size).toBe(3);
  });

  it('even if forwarding repeats itself before, during and after', async () => {
    await using receiver = await startReceiver({ secret });
    await using bench = webhookBench(redis);
    await bench.targets.create(targetOf('soar', receiver.url));
    const alerts = some(50);
    await bench.alerts.put(alerts);
    await Promise.all([bench.fanOut.add(alerts, 'alert.created'), bench.fanOut.add(alerts, 'alert.created')]);
    bench.start();
    while (receiver.taken.length < alerts.length) await bench.fanOut.add(alerts, 'alert.created');
    await bench.fanOut.add(alerts, 'alert.created');
    await until(async () => (await bench.queues.waiting('soar')) === 0);
    expect(receiver.taken.toSorted()).toEqual(idsOf(alerts));
  });

  it('in order of urgency', async () => {
    await using receiver = await startReceiver({ secret });
    await using bench = webhookBench(redis);
    await bench.targets.create(targetOf('soar', receiver.url));
    const alerts = some(10);
    await bench.alerts.put(alerts);
    await bench.fanOut.add(alerts, 'alert.created');
    expect((await bench.queues.of('soar').getJobs(['prioritized'], 0, -1, true)).map((job) => job.opts.priority)).toEqual([
      1, 1, 2, 2, 3, 3, 4, 4, 5, 5,
    ]);
  });

  it('at the targets whose filter it matches', async () => {
    await using receiver = await startReceiver({ secret });
    await using bench = webhookBench(redis);
    await bench.targets.create(targetOf('critical', receiver.url, { minLevel: 'critical' }));
    await bench.targets.create(targetOf('rule', receiver.url, { rules: ['other'] }));
    const alerts = [alertOf('a', { level: 'critical' }), alertOf('b', { level: 'low' }), alertOf('c', { level: 'critical', shadow: true })];
    await bench.alerts.put(alerts);
    expect(await bench.fanOut.add(alerts, 'alert.created')).toEqual(['notified', 'unwanted', 'unwanted']);
    bench.start();
    await until(() => receiver.taken.length > 0);
    expect(receiver.taken).toEqual(['al_a']);
    expect(await bench.queues.waiting('rule')).toBe(0);
  });
});

describe('a dead target', () => {
  it.each([
    ['hangs', hang],
    ['resets', reset],
    ['refuses', answer(503)],
  ])('that %s does not delay other targets', async (_how, behaviour) => {
    await using good = await startReceiver({ secret });
    await using dead = await startReceiver({ secret });
    dead.otherwise(behaviour);
    // Attempts at the dead target are still pending while the good one is served.
    await using bench = webhookBench(redis, { attemptMsMax: 60_000, delayMs: () => 60_000 });
    await bench.targets.create(targetOf('dead', dead.url));
    await bench.targets.create(targetOf('good', good.url));
    bench.start();
    const alerts = some(60);
    await bench.alerts.put(alerts);
    await bench.fanOut.add(alerts, 'alert.created');
    await until(() => good.taken.length >= 60);
    expect(good.taken.toSorted()).toEqual(idsOf(alerts));
    expect(dead.taken).toEqual([]);
    expect(await bench.queues.waiting('dead')).toBe(60);
    // Ends the hanging attempts.
    await dead[Symbol.asyncDispose]();
  });

  it('is paused as a whole, and then tried with one delivery at a time until it works', async () => {
    await using receiver = await startReceiver({ secret });
    receiver.otherwise(answer(503));
    const pauses: number[] = [];
    await using bench = webhookBench(redis, {
      pauseMs(failures) {
        pauses.push(failures);
        return failures >= limits.webhookFailuresMax ? 3_600_000 : 0;
      },
    });
    await bench.targets.create(targetOf('t', receiver.url));
    const alerts = some(40);
    await bench.alerts.put(alerts);
    await bench.fanOut.add(alerts, 'alert.created');
    bench.start();
    await until(() => pauses.some((failures) => failures >= limits.webhookFailuresMax));
    await until(async () => (await bench.queues.of('t').getActiveCount()) === 0);
    // Deliveries in progress when it was paused were still sent: no more than there are slots.
    expect(receiver.received.length).toBeLessThan(limits.webhookFailuresMax + limits.webhookConcurrencyMax);
    expect(await redis.pttl(`${keys.webhookPrefix}:webhook-t:limiter`)).toBeGreaterThan(3_000_000);
    expect((await bench.targets.failing()).get('t')).toMatchObject({ because: 'the target answered 503' });
    expect(await webhooksState(bench.targets, bench.queues)).toMatchObject({ targets: { fine: 0, failing: 1, disabled: 0 }, waiting: 40 });
    receiver.otherwise(answer(200));
    await bench.service.change('t', { enabled: true });
    await until(() => receiver.taken.length >= 40);
    expect(receiver.taken.toSorted()).toEqual(idsOf(alerts));
    expect((await bench.targets.failing()).size).toBe(0);
  });

  it('that sends Retry-After gets no deliveries until then', async () => {
    await using receiver = await startReceiver({ secret });
    receiver.otherwise(answer(429, { 'retry-after': '1200' }));
    const asked: number[] = [];
    await using bench = webhookBench(redis, {
      delayMs(_made, retryAfterMs) {
        asked.push(retryAfterMs);
        return retryAfterMs;
      },
    });
    await bench.targets.create(targetOf('t', receiver.url));
    const alerts = some(30);
    await bench.alerts.put(alerts);
    await bench.fanOut.add(alerts, 'alert.created');
    bench.start();
    await until(() => asked.length > 0);
    await until(async () => (await bench.queues.of('t').getActiveCount()) === 0);
    expect(new Set(asked)).toEqual(new Set([1_200_000]));
    expect(receiver.received.length).toBeLessThanOrEqual(limits.webhookConcurrencyMax);
    expect(await redis.pttl(`${keys.webhookPrefix}:webhook-t:limiter`)).toBeGreaterThan(1_000_000);
  });

  it('fills its queue up to the bound; further deliveries are dropped and counted', async () => {
    await using bench = webhookBench(redis, { waitingMax: 25 });
    await bench.targets.create(targetOf('t', 'http://127.0.0.1:1/'));
    const alerts = some(40);
    expect(await bench.fanOut.add(alerts, 'alert.created')).toEqual(alerts.map(() => 'notified'));
    expect(await bench.fanOut.add(some(50).slice(40), 'alert.created')).toHaveLength(10);
    expect(await bench.queues.waiting('t')).toBe(25);
    expect(await bench.counted()).toEqual({ dropped: 25 });
  });

  it('gets all retries and then no more; each delivery can be replayed', async () => {
    await using receiver = await startReceiver({ secret });
    receiver.otherwise(answer(500));
    await using bench = webhookBench(redis, { delayMs: () => 1 });
    await bench.targets.create(targetOf('t', receiver.url));
    const [alert] = some(1);
    await bench.alerts.put([alert!]);
    await bench.fanOut.add([alert!], 'alert.created');
    bench.start();
    await until(async () => (await bench.counted())['given_up'] === 1);
    expect(receiver.received).toHaveLength(8);
    expect(new Set(receiver.received.map(({ id }) => id))).toEqual(new Set([alert!.id]));
    expect(await bench.service.deliveries('t', 'failed', 10)).toMatchObject([
      { id: alert!.id, alert: alert!.id, state: 'failed', attempts: 8, because: 'the target answered 500' },
    ]);
    // Forwarding the alert again does not queue it; a replay does.
    await bench.fanOut.add([alert!], 'alert.created');
    expect(await bench.queues.waiting('t')).toBe(0);
    receiver.otherwise(answer(200));
    expect(await bench.service.replay('t', alert!.id)).toBe(true);
    await until(() => receiver.taken.length === 1);
    await until(async () => (await bench.service.deliveries('t', 'delivered', 10))?.length === 1);
    expect(await bench.service.deliveries('t', undefined, 10)).toMatchObject([{ state: 'delivered', status: 200 }]);
    expect(await bench.service.replay('t', 'al_unknown')).toBe(false);
  });
});

it('deleting a target deletes its deliveries, and leaves nothing open', async () => {
  await using receiver = await startReceiver({ secret });
  await using bench = webhookBench(redis);
  for (let n = 0; n < 3; n++) await bench.targets.create(targetOf(`t${n}`, receiver.url));
  bench.start();
  await bench.alerts.put([alertOf('a')]);
  await bench.fanOut.add([alertOf('a')], 'alert.created');
  await until(() => receiver.taken.length === 3);
  const before = bench.queues.of('t1');
  expect(await bench.service.remove('t0')).toMatchObject({ kind: 'done' });
  // Deleted by another process.
  await bench.targets.remove('t1');
  await until(() => before.closing !== undefined);
  expect(await redis.exists(`${keys.webhookPrefix}:webhook-t0:al_a`)).toBe(0);
  await bench.alerts.put([alertOf('b')]);
  await bench.fanOut.add([alertOf('b')], 'alert.created');
  await until(() => receiver.taken.length === 4);
  expect(await bench.queues.waiting('t2')).toBe(0);
});

it('an answer 410 disables a target: nothing is sent or queued until it is enabled again', async () => {
  await using receiver = await startReceiver({ secret });
  receiver.otherwise(answer(410));
  await using bench = webhookBench(redis);
  await bench.targets.create(targetOf('t', receiver.url));
  const alerts = some(30);
  await bench.alerts.put(alerts);
  await bench.fanOut.add(alerts, 'alert.created');
  bench.start();
  await until(async () => (await bench.targets.current())[0]?.disabled !== undefined);
  await until(async () => (await bench.queues.of('t').getActiveCount()) === 0);
  const before = receiver.received.length;
  expect(before).toBeLessThanOrEqual(limits.webhookConcurrencyMax);
  expect(await bench.service.get('t')).toMatchObject({ enabled: false, disabled: { because: expect.stringContaining('410') as string } });
  expect(await bench.fanOut.add([alertOf('late')], 'alert.created')).toEqual(['unwanted']);
  expect(await webhooksState(bench.targets, bench.queues)).toMatchObject({ targets: { fine: 0, failing: 0, disabled: 1 } });
  receiver.otherwise(answer(200));
  await bench.service.change('t', { enabled: true });
  await until(() => receiver.taken.length === alerts.length - before);
  expect((await bench.service.deliveries('t', 'failed', 50))?.length).toBe(before);
});

it('during rotation, receivers with the old or the new secret can verify', async () => {
  await using receiver = await startReceiver();
  let nowMs = Date.now();
  await using bench = webhookBench(redis, { now: () => nowMs });
  await bench.targets.create(targetOf('t', receiver.url));
  const fresh = secretOf(Buffer.alloc(48, 9));
  expect(await bench.service.rotate('t', fresh, 3_600_000)).toMatchObject({
    kind: 'done',
    value: { secrets: [{ secret: `****${fresh.slice(-4)}` }, { secret: `****${secret.slice(-4)}`, until: expect.any(String) as string }] },
  });
  bench.start();
  const sendOne = async (id: string) => {
    await bench.alerts.put([alertOf(id)]);
    await bench.fanOut.add([alertOf(id)], 'alert.created');
    await until(() => receiver.received.some((one) => one.id === `al_${id}`));
    const { text, headers } = receiver.received.find((one) => one.id === `al_${id}`)!;
    return [verifies(secret, text, headers), verifies(fresh, text, headers)];
  };
  expect(await sendOne('during')).toEqual([true, true]);
  nowMs += 3_600_001;
  // The package refuses messages from the future, but the old signature is gone in any case.
  await bench.alerts.put([alertOf('after')]);
  await bench.fanOut.add([alertOf('after')], 'alert.created');
  await until(() => receiver.received.length === 2);
  expect(receiver.received[1]!.headers['webhook-signature']).toMatch(/^v1,\S+$/);
});

it('a delivery is over if its alert is no longer stored, or if it has waited for days', async () => {
  await using receiver = await startReceiver({ secret });
  let nowMs = Date.now();
  await using bench = webhookBench(redis, { now: () => nowMs });
  await bench.targets.create(targetOf('t', receiver.url));
  await bench.alerts.put([alertOf('old')]);
  await bench.fanOut.add([alertOf('gone'), alertOf('old')], 'alert.created');
  nowMs += limits.webhookAgeMsMax + 1000;
  bench.start();
  await until(async () => (await bench.counted())['expired'] === 2);
  expect(receiver.received).toEqual([]);
});

it('closing an alert resolves its incident once, at targets that want alert.closed', async () => {
  await using receiver = await startReceiver();
  await using bench = webhookBench(redis);
  await bench.targets.create(
    targetOf('pager', receiver.url, { form: 'pagerduty', routingKey: 'R', secrets: [], events: ['alert.created', 'alert.closed'] }),
  );
  await bench.targets.create(targetOf('plain', receiver.url));
  const alert = alertOf('a', { status: 'closed' });
  await bench.alerts.put([alert]);
  bench.start();
  expect(await bench.fanOut.add([alert], 'alert.closed')).toEqual(['notified']);
  expect(await bench.fanOut.add([alert], 'alert.closed')).toEqual(['notified']);
  await until(() => receiver.taken.length > 0);
  await until(async () => (await bench.queues.waiting('pager')) === 0);
  expect(receiver.received).toMatchObject([{ id: 'al_a_closed', body: { event_action: 'resolve', dedup_key: 'al_a' } }]);
  expect(await bench.queues.waiting('plain')).toBe(0);
});

it('an alert closed before its incident was opened opens none', async () => {
  await using receiver = await startReceiver();
  await using bench = webhookBench(redis);
  const both = ['alert.created', 'alert.closed'] as const;
  await bench.targets.create(targetOf('pager', receiver.url, { form: 'pagerduty', routingKey: 'R', secrets: [], events: both }));
  const alert = alertOf('a', { status: 'closed' });
  await bench.alerts.put([alert]);
  await bench.fanOut.add([alert], 'alert.created');
  await bench.fanOut.add([alert], 'alert.closed');
  bench.start();
  await until(async () => (await bench.queues.waiting('pager')) === 0);
  expect(receiver.received.map(({ id }) => id)).toEqual(['al_a_closed']);
  expect(await bench.counted()).toEqual({ overtaken: 1, delivered: 1 });
});

it('jobs contain no secrets, and listed deliveries neither secrets nor addresses', async () => {
  const sink = targetOf('t', 'http://127.0.0.1:1/services/T0/B0/verysecret', {
    form: 'slack',
    headers: { authorization: 'Bearer verysecret' },
  });
  await using bench = webhookBench(redis, { delayMs: () => 60_000 });
  await bench.targets.create(sink);
  await bench.alerts.put([alertOf('a')]);
  await bench.fanOut.add([alertOf('a')], 'alert.created');
  bench.start();
  await until(async () => (await bench.counted())['unreachable'] === 1);
  await until(async () => (await bench.queues.of('t').getDelayedCount()) === 1);
  const stored: unknown[] = [];
  for (const key of await redis.keys(`${keys.webhookPrefix}:*`)) {
    const type = await redis.type(key);
    stored.push(key, type === 'hash' ? await redis.hgetall(key) : type === 'stream' ? await redis.xrange(key, '-', '+') : type);
  }
  const shown = JSON.stringify([stored, await bench.service.list(), await bench.service.deliveries('t', undefined, 10)]);
  expect(shown).toContain('al_a');
  expect(shown).not.toContain(secret.slice(6, 30));
  expect(shown).not.toContain('verysecret');
});
