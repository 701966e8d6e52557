/** What only the store on Redis does for window logs: it lets a log expire only when no more entries come, and enforces the budget of new logs. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../../engine/core/correlate/entry.ts';
import { eventHash } from '../../../engine/core/util/hash.ts';
import { limits } from '../../../engine/core/limits.ts';
import { logTarget } from '../../../engine/core/correlate/target.ts';
import { profiler } from '../../../engine/core/correlate/log-profile.ts';
import type { Rule } from '../../../engine/core/rule.ts';
import { redisWindowStore } from '../../../engine/redis/correlate/window-store.ts';
import type { WindowStore } from '../../../engine/runtime/correlate/ports.ts';
import { appendAll, type Append } from '../../support/appends.ts';
import { ownRedis } from '../../support/own-redis.ts';
import { countRule, rulesOf } from '../../support/rules.ts';

const { redis } = await ownRedis();
beforeEach(() => redis.flushall());

const begin = Date.UTC(2026, 0, 1);
const profile = profiler({ latenessMs: 5000, lagMs: 3_600_000 });
const { byId } = rulesOf(countRule('one', 'gte: 1000'), countRule('other', 'gte: 999'));
const rule = byId.get('one')!;
const { lifeMs } = profile(rule);

/** Appends like another process: nothing is remembered from one call to the next. */
const open = (newLogsMax = 1e6): WindowStore =>
  redisWindowStore({ redis, profile: (of) => ({ ...profile(of), newLogsMax }), partitions: 1, onOutbox: () => undefined });

let events = 0;
/** An event that arrives at its event time. */
function entry(ms: number): Entry {
  const n = ++events;
  const ref = { shard: 0, ms: begin + ms, seq: n, index: 0 };
  return { time: begin + ms, id: eventHash('d', `e${n}`), step: 0, index: 0, value: 0, ref, counted: false };
}
const of = (user: string, ms = 0, by: Rule = rule): Append => ({ target: logTarget(by, [user]), entry: entry(ms) });
const journalOf = async (user: string) => (await open().read([logTarget(rule, [user])]))[0]!.journal;

/** The key of the only log. */
async function logKey(): Promise<string> {
  const found: string[] = [];
  for (const key of await redis.keys('*')) if ((await redis.type(key)) === 'string') found.push(key);
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe.each([
  ['of few entries', 2],
  ['of many', 40],
])('the life of a log %s', (_name, size) => {
  const target = () => logTarget(rule, ['u']);
  const begun = (to = target()): Append[] => Array.from({ length: size }, (_, i) => ({ target: to, entry: entry(i) }));
  const left = async (): Promise<number> => redis.pttl(await logKey());

  it('is as long as its rule needs', async () => {
    await appendAll(open(), begun());
    expect(await left()).toBeLessThanOrEqual(lifeMs);
    expect(await left()).toBeGreaterThan(lifeMs / 2);
  });

  it('is extended by a later entry', async () => {
    const [store, log] = [open(), target()];
    await appendAll(store, begun(log));
    await redis.pexpire(await logKey(), 60_000);
    await appendAll(store, [{ target: log, entry: entry(lifeMs / 2) }]);
    expect(await left()).toBeGreaterThan(lifeMs / 2);
  });

  it('stays when an entry comes soon after', async () => {
    const [store, log] = [open(), target()];
    await appendAll(store, begun(log));
    await appendAll(store, [{ target: log, entry: entry(1000) }]);
    expect(await left()).toBeGreaterThan(lifeMs / 2);
  });

  it('is extended by another process, which does not know how much of it is over', async () => {
    await appendAll(open(), begun());
    await redis.pexpire(await logKey(), 60_000);
    await appendAll(open(), [of('u', 1000)]);
    expect(await left()).toBeGreaterThan(lifeMs / 2);
  });
});

describe('the budget of new logs', () => {
  it('refuses an entry that would open one log too many, from any process, and leaves no key', async () => {
    expect((await appendAll(open(3), [of('a'), of('b')])).refused).toBe(0);
    expect((await appendAll(open(3), [of('c'), of('d'), of('e')])).refused).toBe(2);
    const kept = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(journalOf));
    expect(kept.reduce((sum, journal) => sum + journal.length, 0)).toBe(3);
  });

  it('does not affect existing logs or other rules', async () => {
    await appendAll(open(1), [of('a')]);
    const { refused } = await appendAll(open(1), [of('a', 1), of('b', 2), of('b', 3, byId.get('other'))]);
    expect(refused).toBe(1);
    expect(await journalOf('a')).toHaveLength(2);
  });

  it('starts afresh in the next minute, and the old one expires', async () => {
    expect((await appendAll(open(1), [of('a')])).refused).toBe(0);
    expect((await appendAll(open(1), [of('b', 59_000)])).refused).toBe(1);
    expect((await appendAll(open(1), [of('c', 60_000)])).refused).toBe(0);
    for (const key of await redis.keys('*')) expect(await redis.pttl(key), key).toBeGreaterThan(0);
  });
});

describe('one call', () => {
  const calls = async (appends: readonly Append[]): Promise<number> => {
    await redis.config('RESETSTAT');
    await appendAll(open(), appends);
    const stats = await redis.info('commandstats');
    return Number(/^cmdstat_evalsha:calls=(\d+)/m.exec(stats)?.[1]);
  };

  it('has a bounded number of keys', async () => {
    await calls([of('to load the script')]);
    expect(await calls(Array.from({ length: 2.5 * limits.scriptKeysMax }, (_, i) => of(`u${i}`)))).toBe(3);
  });

  it('has a bounded number of bytes', async () => {
    await calls([of('to load the script')]);
    const logs = Array.from({ length: 20 }, (_, i) => logTarget(rule, [`u${i}`]));
    // At 27 bytes an entry, a log has 27 KB, so nine logs fit.
    const many = logs.flatMap((target) => Array.from({ length: 1000 }, () => ({ target, entry: entry(0) })));
    expect(await calls(many)).toBe(3);
  });
});
