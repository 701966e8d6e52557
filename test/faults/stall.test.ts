/**
 * Processes that stall, are asked to stop, or live by a clock that jumps: others take over what they hold, nothing is
 * lost by it and nothing done twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { keys } from '../../engine/redis/keys.ts';
import { shards, startEngine, type TestEngine } from '../support/engine.ts';
import { until } from '../support/processes.ts';
import { expectSame } from '../support/verdict.ts';
import { rules, workload, type Workload } from '../support/workload.ts';

/** Sends everything, a few requests at a time, for as long as it takes. */
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

describe('a worker that is stopped (SIGSTOP) for longer than its claims last', () => {
  it('finds, when it goes on, that others have done its work; its late writes change nothing', async () => {
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
  it('drains worker and API: they end with 0, hold nothing, and what was acknowledged is there', async () => {
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

  it('a second one ends at once what cannot drain', async () => {
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

describe('a clock that jumps an hour to and fro', () => {
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
