/** kill -9 of forwarders and deliverers at work: no alert is lost, and none is queued twice for a target. */
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { strongHash } from '../../../engine/core/util/hash.ts';
import { limits } from '../../../engine/core/limits.ts';
import { levels } from '../../../engine/core/rule.ts';
import { openOutbox, openOutboxReader } from '../../../engine/redis/forward/outbox.ts';
import { openWebhookTargets } from '../../../engine/redis/deliver/webhooks.ts';
import { openWebhookQueues } from '../../../engine/deliver/webhooks/queues.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { start, until, type Child } from '../../support/processes.ts';
import { answer, startReceiver } from '../../support/receiver.ts';
import { ownRedis } from '../../support/own-redis.ts';
import { secret, targetOf } from './deliverer.support.ts';

const partitions = 8;
const { server, redis } = await ownRedis({ appendonly: 'yes', appendfsync: 'always' });
redis.on('error', () => undefined);
const children = new Set<Child>();
afterAll(() => {
  for (const child of children) child.process.kill('SIGKILL');
});

const program = fileURLToPath(new URL('../../support/webhook-child.ts', import.meta.url));
async function startChild(): Promise<Child> {
  const child = start(process.execPath, [program, server.url]);
  children.add(child);
  await child.line();
  return child;
}
async function kill(child: Child): Promise<void> {
  child.process.kill('SIGKILL');
  await child.ended;
  children.delete(child);
}

it('every alert arrives, and only deliveries interrupted by a kill may arrive again, with the same id', async () => {
  await using receiver = await startReceiver({ secret });
  const targets = openWebhookTargets(redis);
  for (const id of ['one', 'two']) await targets.create(targetOf(id, receiver.url));
  const outbox = openOutbox(redis, partitions);
  const rounds = 4;
  const each = 60;
  let kills = 0;
  for (let round = 0; round < rounds; round++) {
    const child = await startChild();
    const before = receiver.received.length;
    await outbox.add(
      Array.from({ length: each }, (_, i) => round * each + i).map((n) => ({
        alert: alertOf(`n${n}`, { level: levels[n % levels.length]!, created: iso(noon + n) }),
        groupHash: strongHash(`n${n}`, 16),
      })),
    );
    // Killed at work: some deliveries are done, some in progress, some not started.
    await until(() => receiver.received.length > before + 5);
    receiver.next(answer(500), answer(500));
    await kill(child);
    kills += 1;
    if (round === 1) {
      await server.kill();
      await server.start();
    }
  }
  await startChild();
  await using queues = openWebhookQueues(redis);
  const reader = openOutboxReader(redis, partitions);
  const left = async (): Promise<number> =>
    (await reader.occupied()).length + (await queues.waiting('one')) + (await queues.waiting('two'));
  await until(async () => (await left()) === 0);

  const total = rounds * each;
  const all = Array.from({ length: total }, (_, n) => `al_n${n}`).toSorted();
  expect([...new Set(receiver.taken)].toSorted()).toEqual(all);
  expect(receiver.received.every(({ verified }) => verified === true)).toBe(true);
  for (const id of ['one', 'two']) {
    const jobs = await queues.of(id).getJobs(['completed'], 0, -1);
    expect(jobs.map((job) => job.id).toSorted()).toEqual(all);
    expect(await queues.of(id).getFailedCount()).toBe(0);
  }
  // Each alert goes to two targets, here the same receiver.
  expect(receiver.taken.length - 2 * total).toBeLessThanOrEqual(kills * 2 * limits.webhookConcurrencyMax);
});
