/** kill -9 of forwarders and consumers: nothing is lost, and nothing is queued twice. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { strongHash } from '../../../engine/core/util/hash.ts';
import { levels } from '../../../engine/core/rule.ts';
import { openAlertBudget } from '../../../engine/redis/forward/budget.ts';
import { openAlertStore } from '../../../engine/redis/alert/store.ts';
import { openWaitingList } from '../../../engine/redis/forward/waiting.ts';
import { openOutbox, openOutboxReader } from '../../../engine/redis/forward/outbox.ts';
import { Forwarder } from '../../../engine/runtime/forward/forwarder.ts';
import { silent } from '../../../engine/runtime/metering/meter.ts';
import { openIntake } from '../../../engine/deliver/siem-queue/intake.ts';
import { openSiemQueue } from '../../../engine/deliver/siem-queue/queue.ts';
import { alertOf, iso, noon } from '../../support/alerts.ts';
import { ownRedis } from '../../support/own-redis.ts';

const partitions = 8;
const { server, redis } = await ownRedis({ appendonly: 'yes', appendfsync: 'always' });
redis.on('error', () => undefined);
const store = openAlertStore(redis);
const reader = openOutboxReader(redis, partitions);
const children = new Set<ChildProcess>();

beforeEach(() => redis.flushall());
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

async function start(...args: string[]): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../support/siem-child.ts', import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.add(child);
  let said = '';
  for await (const chunk of child.stdout!) {
    said += String(chunk);
    if (said.includes('ready')) break;
  }
  return { child, said };
}
async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  children.delete(child);
}
const alerts = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => from + i).map((n) => ({
    alert: alertOf(`n${n}`, { level: levels[n % levels.length]!, created: iso(noon + n) }),
    groupHash: strongHash(`n${n}`, 16),
  }));

describe('kill -9', () => {
  it('of forwarders in a loop, and of Redis, leaves every alert queued exactly once', async () => {
    const outbox = openOutbox(redis, partitions);
    await using queue = openSiemQueue(redis, store, { sweepMs: 0 });
    const total = 3000;
    const acked: string[] = [];
    const late: string[] = [];
    let added = 0;
    for (let round = 0; round < 5; round++) {
      const { child } = await start('forward', server.url);
      while (added < ((round + 1) * total) / 5) {
        await outbox.add(alerts(added, added + 60));
        // Redelivered: some of these have been forwarded already.
        await outbox.add(alerts(Math.max(0, added - 30), added));
        added += 60;
        if (added % 300 === 0) {
          const leases = await queue.lease({ max: 50, seconds: 600 });
          acked.push(...leases.map(({ alert }) => alert.id));
          late.push(...(await queue.ack(leases.map(({ lease }) => lease))).expired);
        }
      }
      await kill(child);
      if (round === 2) {
        await server.kill();
        await server.start();
      }
    }
    const siem = openIntake(redis);
    await using _forwarder = new Forwarder(
      { outbox: reader, store, budget: openAlertBudget(redis, 10_000), waiting: openWaitingList(redis), siem, meter: silent },
      { sweepMs: 5 },
    );
    while ((await reader.occupied()).length > 0) await sleep(5);
    for (
      let leases = await queue.lease({ max: 500, seconds: 600 });
      leases.length > 0;
      leases = await queue.lease({ max: 500, seconds: 600 })
    ) {
      acked.push(...leases.map(({ alert }) => alert.id));
      await queue.ack(leases.map(({ lease }) => lease));
    }
    expect(late).toEqual([]);
    expect(acked).toHaveLength(total);
    expect(new Set(acked).size).toBe(total);
    await siem[Symbol.asyncDispose]();
  });

  it('of a consumer returns its leases when they have expired, at their old priority', async () => {
    await using intake = openIntake(redis);
    const list = alerts(0, 20).map(({ alert }) => alert);
    await store.put(list);
    await intake.add(list.map(({ id, rule }, i) => ({ id, level: rule.level, createdMs: noon + i })));
    const { child, said } = await start('lease', server.url, '1');
    expect(said).toContain('20 ready');
    await kill(child);
    await using queue = openSiemQueue(redis, store, { sweepMs: 20 });
    expect(await queue.lease({ max: 500, seconds: 60 })).toEqual([]);
    expect((await queue.depth()).leased).toBe(20);
    while ((await queue.depth()).leased > 0) await sleep(20);
    const leases = await queue.lease({ max: 500, seconds: 60 });
    expect(leases.map(({ alert }) => alert.rule.level)).toEqual(
      ['critical', 'high', 'medium', 'low', 'informational'].flatMap((level) => Array<string>(4).fill(level)),
    );
    expect((await queue.ack(leases.map(({ lease }) => lease))).done).toHaveLength(20);
  });
});
