/** Closing an alert closes the incident that a webhook opened for it: on a real Redis, with a real receiver. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../../api/app.ts';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { openTriage } from '../../../engine/redis/alert/triage.ts';
import { limits } from '../../../engine/core/limits.ts';
import { refusalOfError } from '../../../engine/redis/errors.ts';
import { notifyOverdue } from '../../../engine/runtime/deliver/closings.ts';
import { targetOf, webhookBench } from '../../deliver/webhooks/deliverer.support.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { idleParts } from '../../support/api.ts';
import { until } from '../../support/processes.ts';
import { answer, startReceiver, type Receiver } from '../../support/receiver.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { redis } = await ownRedis();
let bench: ReturnType<typeof webhookBench>;
let pager: Receiver;
let app: FastifyInstance;
let fails: Error | undefined;

beforeEach(async () => {
  await redis.flushall();
  fails = undefined;
  bench = webhookBench(redis);
  pager = await startReceiver();
  await bench.targets.create(
    targetOf('pager', pager.url, { form: 'pagerduty', routingKey: 'R', secrets: [], events: ['alert.created', 'alert.closed'] }),
  );
  await bench.targets.create(targetOf('opened-only', pager.url));
  app = await buildApp(
    {
      ...idleParts(),
      alerts: bench.alerts,
      triage: openTriage(redis),
      fanOut: {
        ...bench.fanOut,
        addTurns: async (turned) => (fails === undefined ? bench.fanOut.addTurns(turned) : turned.map(() => fails!)),
      },
      refusalOf: refusalOfError,
    },
    { version: 'test' },
  );
  await bench.alerts.put([alertOf('a'), alertOf('b', { created: iso(noon + 1) }), alertOf('s', { shadow: true })]);
  return async () => {
    await app.close();
    await bench[Symbol.asyncDispose]();
    await pager[Symbol.asyncDispose]();
  };
});
afterEach(async () => expect(bench.faults).toEqual([]));

const patch = async (id: string, payload: object) =>
  (await app.inject({ method: 'PATCH', url: `/v1/alerts/${id}`, payload, headers: { 'if-match': '*' } })).statusCode;
const bulk = async (change: object, rest: object = {}) =>
  (await app.inject({ method: 'POST', url: '/v1/alerts/triage', payload: { filter: { status: 'open' }, change, ...rest } })).statusCode;
const closing = { status: 'closed', verdict: 'benign' };
const waiting = (): Promise<number> => bench.queues.waiting('pager');

describe('an alert that is closed', () => {
  it('resolves the incident it opened; the delivery is queued before the answer', async () => {
    await bench.fanOut.add([alertOf('a')], 'alert.created');
    bench.start();
    await until(() => pager.taken.length === 2);
    expect(await patch('al_a', closing)).toBe(200);
    await until(() => pager.taken.length === 3);
    const messages = pager.received.map(({ body }) => body as unknown as Record<string, unknown>).filter((body) => 'event_action' in body);
    expect(messages).toMatchObject([
      { event_action: 'trigger', dedup_key: 'al_a' },
      { event_action: 'resolve', dedup_key: 'al_a', routing_key: 'R' },
    ]);
  });

  it('is notified once, however often it is closed; other changes notify nobody', async () => {
    for (const change of [{ status: 'acknowledged' }, { note: 'looking' }, { verdict: 'benign' }])
      expect(await patch('al_a', change)).toBe(200);
    expect(await waiting()).toBe(0);
    expect(await patch('al_a', closing)).toBe(200);
    expect(await waiting()).toBe(1);
    expect(await patch('al_a', closing)).toBe(200);
    expect(await patch('al_a', { note: 'still closed' })).toBe(200);
    expect(await waiting()).toBe(1);
    expect(await bench.queues.waiting('opened-only')).toBe(0);
  });

  it('is not answered as done if queueing failed, and a repeated request queues it', async () => {
    fails = new Error('Connection is closed.');
    expect(await patch('al_a', closing)).toBe(503);
    expect((await bench.alerts.get('al_a'))!.status).toBe('closed');
    fails = undefined;
    expect(await patch('al_a', closing)).toBe(200);
    expect(await waiting()).toBe(1);
  });
});

describe('alerts that are closed together', () => {
  it('are notified one by one, but not by a dry run, and not for shadow alerts', async () => {
    expect(await bulk(closing, { dry_run: true })).toBe(200);
    expect(await waiting()).toBe(0);
    expect(await bulk({ status: 'acknowledged' })).toBe(200);
    expect(await waiting()).toBe(0);
    expect(await bulk(closing, { filter: { shadow: true } })).toBe(200);
    expect(await waiting()).toBe(0);
    expect(await bulk(closing, { filter: { status: 'acknowledged' } })).toBe(200);
    expect(await waiting()).toBe(2);
    bench.start();
    await until(() => pager.taken.length === 2);
    expect(pager.received.map(({ id }) => id).toSorted()).toEqual(['al_a_closed', 'al_b_closed']);
  });

  it('are not answered as done if queueing failed, and a worker queues what is missing', async () => {
    const triage = openTriage(redis, () => Date.now() + limits.closingTellMs + 1000);
    fails = new Error('Connection is closed.');
    expect(await bulk(closing)).toBe(503);
    expect(await waiting()).toBe(0);
    // Neither matches the filter any more: repeating the request closes nothing.
    fails = undefined;
    expect(await bulk(closing)).toBe(200);
    await bench.alerts.put([alertOf('reopened'), alertOf('notified')]);
    expect([await patch('al_notified', closing), await waiting()]).toEqual([200, 1]);
    fails = new Error('Connection is closed.');
    expect(await patch('al_reopened', closing)).toBe(503);
    expect(await patch('al_reopened', { status: 'open' })).toBe(503);
    await notifyOverdue({ triage: openTriage(redis), alerts: bench.alerts, fanOut: bench.fanOut });
    expect(await waiting()).toBe(1);
    await notifyOverdue({ triage, alerts: bench.alerts, fanOut: bench.fanOut });
    await notifyOverdue({ triage, alerts: bench.alerts, fanOut: bench.fanOut });
    expect(await waiting()).toBe(5);
    expect(await triage.unnotified(-1000, 10)).toEqual([]);
    bench.start();
    await until(() => pager.taken.length === 5);
    expect(pager.received.map(({ id }) => id).toSorted()).toEqual([
      'al_a_closed',
      'al_b_closed',
      'al_notified_closed',
      'al_reopened_closed',
      'al_reopened_reopened_2',
    ]);
  });
});

describe('an alert that is closed, reopened, and closed with another verdict', () => {
  const turns = [closing, { status: 'open' }, { status: 'closed', verdict: 'true_positive' }];

  it('notifies of each change in order, with the state of that change, also when all wait for a target that is down', async () => {
    const all = ['alert.created', 'alert.closed', 'alert.reopened'] as const;
    await bench.targets.create(targetOf('soar', pager.url, { events: all }));
    await bench.targets.remove('opened-only');
    await bench.fanOut.add([alertOf('a')], 'alert.created');
    for (const change of turns) expect(await patch('al_a', change)).toBe(200);
    // The first messages fail: later ones must not overtake them.
    pager.next(...Array.from({ length: 4 }, () => answer(500)));
    bench.start();
    await until(async () => (await bench.queues.waiting('soar')) + (await waiting()) === 0);
    const taken = pager.received
      .slice(4)
      .map(({ id, body }) => ({ id, body: body as unknown as { type?: string; data: Alert; event_action?: string } }));
    expect(
      taken.filter(({ body }) => body.type !== undefined).map(({ id, body }) => [id, body.type, body.data.status, body.data.verdict]),
    ).toEqual([
      ['al_a', 'alert.created', 'closed', 'true_positive'],
      ['al_a_closed', 'alert.closed', 'closed', 'benign'],
      ['al_a_reopened_2', 'alert.reopened', 'open', undefined],
      ['al_a_closed_3', 'alert.closed', 'closed', 'true_positive'],
    ]);
    expect(taken.filter(({ body }) => body.type === undefined).map(({ id, body }) => [id, body.event_action])).toEqual([
      ['al_a_closed', 'resolve'],
      ['al_a_reopened_2', 'trigger'],
      ['al_a_closed_3', 'resolve'],
    ]);
  });

  it('is closed once at a target that does not want alert.reopened', async () => {
    await bench.targets.create(targetOf('two', pager.url, { events: ['alert.created', 'alert.closed'] }));
    for (const change of turns) expect(await patch('al_b', change)).toBe(200);
    expect(await bench.queues.waiting('two')).toBe(2);
  });
});
