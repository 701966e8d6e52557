/** Window logs of a replay end with their lives, however fast new ones are opened; with them goes what they need of the events. */
import { expect, it } from 'vitest';
import { logTarget } from '../../engine/core/observe.ts';
import { limits } from '../../engine/core/limits.ts';
import { profiler } from '../../engine/core/profile.ts';
import { EntryArena } from '../../engine/memory/entry-arena.ts';
import { Logs } from '../../engine/memory/logs.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { matchersOf } from '../../engine/compile/index.ts';
import { replaySession } from '../../engine/runtime/replay.ts';
import { countRule, rulesOf } from '../support/rules.ts';

const ruleset = rulesOf(countRule('burst', 'gte: 2'));
const rule = ruleset.byId.get('burst')!;

it('as many are held as live, and some whose end has not been noticed yet', () => {
  const profile = profiler({ latenessMs: 1000, lagMs: 0 });
  const logs = new Logs(new EntryArena(), profile);
  const { lifeMs } = profile(rule);
  const perBlock = 2000;
  let most = 0;
  for (let ms = 0; ms < 3 * lifeMs; ms++) {
    logs.open(logTarget(rule, [`g${ms}`], `hash${ms}`), ms);
    if (ms % perBlock > 0) continue;
    logs.sweep(ms);
    most = Math.max(most, logs.size);
  }
  // One round over all of them takes as long as opening half as many.
  expect(most).toBeLessThan(2 * lifeMs + perBlock);
  expect(most).toBeGreaterThan(lifeMs);
});

it('a replay forgets a log when nothing that counts can come to it any more, not a day later', async () => {
  const latenessMs = 1000;
  const session = replaySession(ruleset, replayStores, {
    latenessMs,
    drain: false,
    onRuleFault: (_, fault) => expect.unreachable(String(fault)),
  });
  const [matcher] = matchersOf(ruleset.rules);
  const gone: number[] = [];
  const begin = Date.UTC(2026, 0, 1);
  async function play(second: number): Promise<void> {
    const time = begin + second * 1000;
    const event = () => ({ id: `${second}`, time, dataset: 'd', raw: {}, mapped: undefined, tags: [] });
    const batch = await session.open({ lines: 1, event, gone: () => void gone.push(second) });
    batch.gathered.of(time, `hash${second}`.padEnd(8).slice(0, 8), batch.arrive(time, 0));
    batch.gathered.add(logTarget(rule, [`u${second}`]), matcher!.step, 0, 0);
    await batch.close();
  }
  const kept = profiler({ latenessMs, lagMs: 0 })(rule).keepMs / 1000;
  for (let second = 0; second <= kept; second++) await play(second);
  expect(gone).toEqual([]);
  for (let second = Math.ceil(kept) + 1; second < kept + 30; second++) await play(second);
  expect(gone).toContain(0);
  expect(Math.max(...gone)).toBeLessThan(30);
  expect(limits.lagMsMax).toBeGreaterThan(kept * 1000);
});

it('what a batch has reached is judged, though it spans more than the life of a log', async () => {
  const session = replaySession(ruleset, replayStores, {
    latenessMs: 1000,
    drain: false,
    onRuleFault: (_, fault) => expect.unreachable(String(fault)),
  });
  const at = (id: string, day: number, user: string): void =>
    void session.feed({ id, time: Date.UTC(2026, 0, 1 + day), dataset: 'd', raw: { kind: 'a', user }, mapped: undefined, tags: [] });
  at('1', 0, 'ann');
  at('2', 0, 'ann');
  for (let day = 1; day < 100; day++) at(`later${day}`, day, `u${day}`);
  expect((await session.finish()).map(({ group }) => group)).toEqual([{ user: 'ann' }]);
});
