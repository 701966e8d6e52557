/** Compacting frees spare memory of idle logs, and changes nothing else. */
import { beforeEach, describe, expect, it } from 'vitest';
import { openCompactor, type CompactStep } from '../../../engine/redis/correlate/compactor.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { ownRedis } from '../../support/own-redis.ts';

const { server, redis } = await ownRedis({ appendonly: 'yes', appendfsync: 'always' });
beforeEach(() => redis.flushall());

const log = (n: number): string => keys.log(n % 7, 'shape', String(n).padStart(16, '0'));
const usage = async (key: string): Promise<number> => Number(await redis.memory('USAGE', key));
const roomy = (used: number, text: string): boolean => used > 200 + text.length + text.length / 8;

/** Grows a log by appends, from `entries` on, until Redis has just reserved spare memory for it. */
async function grown(key: string, entries: number): Promise<string> {
  let text = '';
  for (let n = 0; n < entries || !roomy(await usage(key), text); n++) {
    const entry = String(n % 10).repeat(27);
    text += entry;
    await redis.append(key, entry);
  }
  await redis.pexpire(key, 1e8);
  return text;
}

async function round(idleSeconds = 0): Promise<number> {
  const step = openCompactor(redis, { idleSeconds, everyMs: 0 });
  let rewritten = 0;
  for (let done: CompactStep | undefined; done?.round !== true;) {
    done = await step();
    rewritten += done!.rewritten;
  }
  return rewritten;
}

describe('a round', () => {
  it('frees the spare memory of logs that grew, and keeps their bytes and their expiry', async () => {
    const sizes = [9, 33, 65, 130, 700];
    const before = await Promise.all(sizes.map(async (entries, n) => ({ key: log(n), text: await grown(log(n), entries) })));
    const used = await Promise.all(before.map(({ key }) => usage(key)));
    expect(await round()).toBe(sizes.length);
    for (const [n, { key, text }] of before.entries()) {
      expect(await redis.get(key)).toBe(text);
      const life = await redis.pttl(key);
      expect(life > 9e7 && life <= 1e8).toBe(true);
      const now = await usage(key);
      expect(now).toBeLessThan(used[n]!);
      expect(roomy(now, text)).toBe(false);
    }
    expect(await round()).toBe(0);
    await redis.append(before[3]!.key, 'more');
    expect(await redis.get(before[3]!.key)).toBe(`${before[3]!.text}more`);
  });

  it('does not touch logs that are not idle, nor other keys', async () => {
    await grown(log(1), 65);
    await grown('somebody:else', 65);
    const [mine, others] = [await usage(log(1)), await usage('somebody:else')];
    expect(await round(3600)).toBe(0);
    expect(await usage(log(1))).toBe(mine);
    expect(await round()).toBe(1);
    expect(await usage('somebody:else')).toBe(others);
    expect(await redis.keys('w{*}c')).toEqual([]);
  });

  it('survives a crash of Redis', async () => {
    const text = await grown(log(3), 65);
    expect(await round()).toBe(1);
    await server.kill();
    await server.start();
    expect(await redis.get(log(3))).toBe(text);
  });
});

it('each step is taken by one of several processes, and the next step continues where it ended', async () => {
  const filling = redis.pipeline();
  for (let n = 0; n < 5000; n++) filling.set(`other:${n}`, '1');
  await filling.exec();
  const processes = [1, 2, 3].map(() => openCompactor(redis, { idleSeconds: 0, everyMs: 60_000 }));
  expect((await Promise.all(processes.map((step) => step()))).filter((done) => done !== undefined)).toHaveLength(1);
  const cursor = await redis.get(keys.compactCursor);
  expect(cursor).not.toBe('0');
  await redis.del(keys.compacting);
  await processes[2]!();
  expect(await redis.get(keys.compactCursor)).not.toBe(cursor);
});
