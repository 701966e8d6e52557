/** What only Redis has to do for a window log: end its life when nothing comes any more and not before, and hold the budget of new logs. */
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

/** As another process would: nothing is remembered from one to the next. */
const open = (newLogsMax = 1e6): WindowStore =>
  redisWindowStore({ redis, profile: (of) => ({ ...profile(of), newLogsMax }), partitions: 1, onOutbox: () => undefined });

let events = 0;
/** An event that arrives at its time. */
function entry(ms: number): Entry {
  const n = ++events;
  const ref = { shard: 0, ms: begin + ms, seq: n, index: 0 };
  return { time: begin + ms, id: eventHash('d', `e${n}`), step: 0, index: 0, value: 0, ref, counted: false };
}
const of = (user: string, ms = 0, by: Rule = rule): Append => ({ target: logTarget(by, [user]), entry: entry(ms) });
const journalOf = async (user: string) => (await open().read([logTarget(rule, [user])]))[0]!.journal;

/** The only log's key. */
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

  it('is as long as its rule needs it', async () => {
    await appendAll(open(), begun());
    expect(await left()).toBeLessThanOrEqual(lifeMs);
    expect(await left()).toBeGreaterThan(lifeMs / 2);
  });

  it('begins anew with what comes later', async () => {
    const [store, log] = [open(), target()];
    await appendAll(store, begun(log));
    await redis.pexpire(await logKey(), 60_000);
    await appendAll(store, [{ target: log, entry: entry(lifeMs / 2) }]);
    expect(await left()).toBeGreaterThan(lifeMs / 2);
  });

  it('goes on with what comes soon after', async () => {
    const [store, log] = [open(), target()];
    await appendAll(store, begun(log));
    await appendAll(store, [{ target: log, entry: entry(1000) }]);
    expect(await left()).toBeGreaterThan(lifeMs / 2);
  });

  it('begins anew by another process, which does not know how much of it is over', async () => {
    await appendAll(open(), begun());
    await redis.pexpire(await logKey(), 60_000);
    await appendAll(open(), [of('u', 1000)]);
    expect(await left()).toBeGreaterThan(lifeMs / 2);
  });
});

describe('the budget of new logs', () => {
  it('refuses what would open one too many, whoever asks, and leaves nothing of it', async () => {
    expect((await appendAll(open(3), [of('a'), of('b')])).refused).toBe(0);
    expect((await appendAll(open(3), [of('c'), of('d'), of('e')])).refused).toBe(2);
    const kept = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(journalOf));
    expect(kept.reduce((sum, journal) => sum + journal.length, 0)).toBe(3);
  });

  it('harms no log that is there, and no other rule', async () => {
    await appendAll(open(1), [of('a')]);
    const { refused } = await appendAll(open(1), [of('a', 1), of('b', 2), of('b', 3, byId.get('other'))]);
    expect(refused).toBe(1);
    expect(await journalOf('a')).toHaveLength(2);
  });

  it('is another one in the next minute, and the old one is forgotten', async () => {
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

  it('has at most so many keys', async () => {
    await calls([of('to load the script')]);
    expect(await calls(Array.from({ length: 2.5 * limits.scriptKeysMax }, (_, i) => of(`u${i}`)))).toBe(3);
  });

  it('and at most so many bytes', async () => {
    await calls([of('to load the script')]);
    const logs = Array.from({ length: 20 }, (_, i) => logTarget(rule, [`u${i}`]));
    // Of 27 bytes an entry, 27 KB a log: nine of them fit.
    const many = logs.flatMap((target) => Array.from({ length: 1000 }, () => ({ target, entry: entry(0) })));
    expect(await calls(many)).toBe(3);
  });
});
