/**
 * Processes that stall, are asked to stop, or have a clock that jumps: others take over what they hold, and nothing is
 * lost or done twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { keys } from '../../engine/redis/keys.ts';
import { shards, startEngine, type TestEngine } from '../support/engine.ts';
import { until } from '../support/processes.ts';
import { expectSame } from '../support/verdict.ts';
import { rules, workload, type Workload } from '../support/workload.ts';

/** Sends everything, a few requests at a time. */
async function sendAll(engine: TestEngine, { requests }: Workload): Promise<void> {
  const queue = [...requests];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        await engine.send(next);
        await sleep(10);
      }
    }),
  );
}

async function heldEntries(engine: TestEngine): Promise<number> {
  let held = 0;
  for (let shard = 0; shard < shards; shard++) {
    const [count] = (await engine.redis.xpending(keys.events(shard), keys.group)) as [number];
    held += count;
  }
  return held;
}

describe('a worker that is paused (SIGSTOP) for longer than its claims last', () => {
  it('changes nothing with its late writes when it continues, because others have done its work', async () => {
    await using engine = await startEngine({ rules });
    await engine.start('api');
    const [stalled] = [await engine.start('worker'), await engine.start('worker')];
    const load = workload(41, 2500);
    const sending = sendAll(engine, load);
    for (let round = 0; round < 4; round++) {
      await sleep(150);
      stalled.process.kill('SIGSTOP');
      await sleep(900);
      stalled.process.kill('SIGCONT');
    }
    stalled.process.kill('SIGSTOP');
    await sending;
    await until(async () => (await engine.ledger()).pending === 0);
    stalled.process.kill('SIGCONT');
    await expectSame(engine, load);
  });
});

describe('SIGTERM under load', () => {
  it('drains worker and API: they exit with 0, hold no entries, and every acknowledged event is there', async () => {
    await using engine = await startEngine({ rules });
    const api = await engine.start('api');
    const worker = await engine.start('worker', { WEIR_WORKERS: '2' });
    const load = workload(42, 2500);
    const sending = sendAll(engine, load);
    await until(async () => (await engine.ledger()).processed > 200);
    worker.process.kill('SIGTERM');
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(await heldEntries(engine)).toBe(0);
    api.process.kill('SIGTERM');
    expect(await api.ended).toEqual({ code: 0, signal: null });
    await engine.start('api');
    await engine.start('worker');
    await sending;
    await expectSame(engine, load);
  });

  it('stops a worker at once when it is sent again', async () => {
    await using engine = await startEngine({ rules });
    await engine.start('api');
    const worker = await engine.start('worker');
    await engine.server.kill();
    worker.process.kill('SIGTERM');
    await until(() => worker.stderr().includes('draining'));
    worker.process.kill('SIGTERM');
    expect((await worker.ended).code).not.toBeNull();
  });
});

describe('a clock that jumps an hour back and forth', () => {
  it('changes no verdict', async () => {
    const jumping = { WEIR_TEST_CLOCK: 'jumps' };
    await using engine = await startEngine({ rules });
    await engine.start('api', jumping);
    await engine.start('worker', jumping);
    await engine.start('worker', jumping);
    const load = workload(43, 1500);
    await sendAll(engine, load);
    await expectSame(engine, load);
  });
});
