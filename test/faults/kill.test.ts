/**
 * kill -9 in a loop: workers, the API and Redis (AOF `always`, restarted on its data) are killed at random moments while
 * events are sent; each request is repeated until it is acknowledged. In the end the alerts are those of replay, every
 * acknowledged event is there, and nothing is lost or duplicated.
 *
 *     WEIR_TEST_KILL_SECONDS=600 WEIR_TEST_SEED=7 npx vitest run test/faults/kill.test.ts
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startEngine, type TestEngine } from '../support/engine.ts';
import type { Child } from '../support/processes.ts';
import { expectSame } from '../support/verdict.ts';
import { rules, seeded, workload } from '../support/workload.ts';

const seconds = Number(process.env['WEIR_TEST_KILL_SECONDS'] ?? 8);
const seed = Number(process.env['WEIR_TEST_SEED'] ?? Date.now() % 1_000_000);
/** Minimum number of kills, however slow the machine is. */
const killsMin = 5;
const always = { appendonly: 'yes', appendfsync: 'always' };

type Victim = 'worker' | 'api' | 'redis';

/** Kills one victim after another until the time is over, each kind in turn and in random order. Leaves an API and two workers running. */
async function rampage(engine: TestEngine, victims: readonly Victim[], untilMs: number, random: () => number): Promise<Victim[]> {
  const workers: Child[] = [await engine.start('worker'), await engine.start('worker', { WEIR_WORKERS: '2' })];
  let api = await engine.start('api');
  const next: Victim[] = [];
  const killed: Victim[] = [];
  while (Date.now() < untilMs || killed.length < killsMin) {
    await sleep(random() * 700);
    if (next.length === 0) next.push(...victims);
    const [victim] = next.splice(Math.floor(random() * next.length), 1);
    killed.push(victim!);
    if (victim === 'redis') {
      await engine.server.kill();
      await sleep(random() * 500);
      await engine.server.start();
    } else if (victim === 'api') {
      await engine.kill(api);
      api = await engine.start('api');
    } else {
      const at = Math.floor(random() * workers.length);
      await engine.kill(workers[at]!);
      workers[at] = await engine.start('worker');
    }
  }
  return killed;
}

describe(`kill -9 in a loop (seed ${seed})`, () => {
  const scenes: readonly (readonly [string, readonly Victim[]])[] = [
    ['workers', ['worker']],
    ['workers, API and Redis', ['worker', 'api', 'redis']],
  ];
  scenes.forEach(([name, victims], nth) =>
    it(
      `of ${name} gives the same alerts, and loses or duplicates nothing`,
      async () => {
        const random = seeded(seed + nth);
        await using engine = await startEngine({ rules, redis: always });
        const load = workload(seed + nth, Math.max(2000, seconds * 250));
        const killing = rampage(engine, victims, Date.now() + seconds * 1000, random);
        const pauseMs = (seconds * 1000) / load.requests.length;
        const sending = load.requests.map(async (request, i) => {
          await sleep(i * pauseMs);
          await engine.send(request);
        });
        const [killed] = await Promise.all([killing, ...sending]);
        await expectSame(engine, load);
        expect(killed.length).toBeGreaterThanOrEqual(killsMin);
        expect(new Set(killed)).toEqual(new Set(victims));
      },
      seconds * 1000 + 110_000,
    ),
  );
});
