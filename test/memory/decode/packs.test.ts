/** Packs are kept as long as an entry needs one of their events, and logs no longer than Redis would keep them. */
import { expect, it } from 'vitest';
import type { Event } from '../../../engine/core/event.ts';
import { profiler } from '../../../engine/core/correlate/log-profile.ts';
import { logTarget } from '../../../engine/core/correlate/target.ts';
import { EntryArena, none } from '../../../engine/memory/correlate/entry-arena.ts';
import { memoryPacks } from '../../../engine/memory/decode/packs.ts';
import { memoryWindowStore } from '../../../engine/memory/correlate/window-store.ts';
import { rulesOf } from '../../support/rules.ts';

const event = (id: string): Event => ({ id, time: 1, dataset: 'd', raw: {}, mapped: undefined, tags: [] });
const ref = (seq: number) => ({ shard: 0, ms: 1, seq, index: 0 });

it('releases a pack when it is closed and the last of its events is released', () => {
  const packs = memoryPacks();
  const arena = new EntryArena(packs);
  const gone: number[] = [];
  const close = [1, 11, 21].map((first) =>
    packs.keep(first, { lines: 10, event: (line) => event(`${first}+${line}`), gone: () => void gone.push(first) }),
  );
  const [a, b] = [arena.add(none, 1, '12345678', 0, 0, 0, ref(3)), arena.add(none, 1, '12345678', 0, 0, 0, ref(20))];
  for (const one of close) one();
  expect(packs.size).toBe(2);
  expect([3, 20, 21].map((seq) => packs.event(ref(seq))?.id)).toEqual(['1+2', '11+9', undefined]);
  arena.freeChain(a);
  expect([packs.size, packs.event(ref(3))]).toEqual([1, undefined]);
  arena.freeChain(b);
  expect(packs.size).toBe(0);
  expect(gone).toEqual([21, 1, 11]);
});

it('reads an entry as it was added, and reuses the space of a freed one', () => {
  const arena = new EntryArena();
  const carried = { ...ref(5), event: event('e') };
  const first = arena.add(none, -5, '\u0000\u00ffabcdef', 31, 1023, '\u00ff\u0000zyxwvu', carried, true);
  expect(arena.read(first)).toEqual({
    time: -5,
    id: '\u0000\u00ffabcdef',
    step: 31,
    index: 1023,
    value: '\u00ff\u0000zyxwvu',
    ref: carried,
    counted: true,
  });
  arena.freeChain(first);
  const again = arena.add(none, 1.5e12, '12345678', 2, 3, -0.25, { shard: 7, ms: 9, seq: 2 ** 40, index: 65_535 });
  expect(again).toBe(first);
  expect(arena.read(again)).toEqual({
    time: 1.5e12,
    id: '12345678',
    step: 2,
    index: 3,
    value: -0.25,
    ref: { shard: 7, ms: 9, seq: 2 ** 40, index: 65_535 },
    counted: false,
  });
});

it('drops a log, and the events it holds, when nothing was added for its whole life', async () => {
  const rule = rulesOf(
    'id: r\nconditions: { all: [] }\n'.replace('[]', '[{ fact: a, operator: exists, value: true }]') +
      'correlation: { type: event_count, group-by: [u], timespan: 1m, condition: { gte: 9 } }',
  ).byId.get('r')!;
  const profile = profiler({ latenessMs: 1000, lagMs: 1000 });
  const packs = memoryPacks();
  const store = memoryWindowStore(profile, { alert: () => undefined, update: () => undefined }, packs);
  const put = async (group: string, ms: number, seq: number): Promise<void> => {
    const close = packs.keep(seq, { lines: 1, event: () => event(group), gone: () => undefined });
    const buffer = store.openAppend();
    buffer.of(ms, '12345678', { shard: 0, ms, seq, index: 0 });
    buffer.add(logTarget(rule, [group]), 0, 0, 0);
    await buffer.append();
    close();
  };
  await put('old', 0, 1);
  expect(packs.size).toBe(1);
  const later = profile(rule).lifeMs;
  await put('new', later, 2);
  expect(packs.size).toBe(2);
  await put('new', later + 1, 3);
  await put('new', later + 2, 4);
  expect([1, 2].map((seq) => packs.event({ shard: 0, ms: 0, seq, index: 0 }) === undefined)).toEqual([true, false]);
  const [log] = await store.read([logTarget(rule, ['old'])]);
  expect(log!.journal).toEqual([]);
});
