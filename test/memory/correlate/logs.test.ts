/** Window logs of a replay are dropped at the end of their life, however fast new ones are opened. */
import { expect, it } from 'vitest';
import { logTarget } from '../../../engine/core/correlate/target.ts';
import { profiler } from '../../../engine/core/correlate/log-profile.ts';
import { EntryArena } from '../../../engine/memory/correlate/entry-arena.ts';
import { Logs } from '../../../engine/memory/correlate/logs.ts';
import { replayStores } from '../../../engine/memory/replay-stores.ts';
import { replaySession } from '../../../engine/runtime/pipeline/replay-session.ts';
import { countRule, rulesOf } from '../../support/rules.ts';

const ruleset = rulesOf(countRule('burst', 'gte: 2'));
const rule = ruleset.byId.get('burst')!;

it('holds the logs that are alive, and some that are over but not swept yet', () => {
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
  // One sweep over all logs takes as long as opening half as many.
  expect(most).toBeLessThan(2 * lifeMs + perBlock);
  expect(most).toBeGreaterThan(lifeMs);
});

it('evaluates every log of a batch, even when the batch spans more than the life of a log', async () => {
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
