/** Reviews that stay due, because no rule here knows them or because their rule throws, delay no other review and cost little. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import fc from 'fast-check';
import { limits } from '../../../engine/core/limits.ts';
import { ReviewQueue } from '../../../engine/memory/correlate/review-queue.ts';
import { reviewRounds } from '../../../engine/runtime/pipeline/review-rounds.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const max = 10;
const nameOf = (n: number) => ({ shape: 'shape', groupHash: String(n).padStart(6, '0'), group: [String(n)] });

/** A queue with its rounds. `stuck` stay due whatever is done. */
function queue(stuck: (n: number) => boolean) {
  const reviews = new ReviewQueue();
  const done: number[] = [];
  let read = 0;
  const rounds = reviewRounds({ due: async (...args) => reviews.due(...args) });
  return {
    done,
    reads: () => read,
    set(n: number, dueMs: number, announced = true) {
      reviews.set(nameOf(n), dueMs);
      if (announced) rounds.expect(dueMs);
    },
    /** What one tick does. */
    async tick(clockMs: number, nowMs: number) {
      const work = async (page: readonly { readonly group: readonly string[] }[]): Promise<number> => {
        read += page.length;
        const able = page.map(({ group: [n] }) => Number(n)).filter((n) => !stuck(n));
        able.forEach((n) => reviews.remove(nameOf(n)));
        done.push(...able);
        return able.length;
      };
      while ((await rounds.page(clockMs, max, nowMs, work)) >= max);
    },
  };
}

const isStuck = (n: number): boolean => n < 1000;

it('reviews behind any number of stuck ones are evaluated in the same tick', async () => {
  const { set, tick, done } = queue(isStuck);
  for (let n = 0; n < 1000; n++) set(n, n % 7);
  set(1000, 3);
  set(1001, 8);
  await tick(10, 0);
  expect(done).toEqual([1000, 1001]);
});

it('stuck ones are left alone for as long as there are many, and new ones are evaluated meanwhile', async () => {
  const { set, tick, done, reads } = queue(isStuck);
  for (let n = 0; n < 1000; n++) set(n, 5);
  await tick(10, 0);
  expect(reads()).toBe(1000);
  set(1000, 11);
  set(1001, 10);
  for (let now = 100; now < limits.reviewRestMs; now += 100) await tick(10 + now, now);
  expect(done).toEqual([1001, 1000]);
  expect(reads()).toBe(1002);
  await tick(2000, limits.reviewRestMs);
  expect(reads()).toBe(2002);
});

it('one that another process sets for a time already passed is found after the rest', async () => {
  const { set, tick, done } = queue(isStuck);
  set(0, 5);
  await tick(10, 0);
  set(1000, 7, false);
  await tick(20, 100);
  expect(done).toEqual([]);
  await tick(2000, limits.reviewRestMs);
  expect(done).toEqual([1000]);
});

it('a page that throws is left, and the next one is evaluated', async () => {
  const reviews = new ReviewQueue();
  for (let n = 0; n < 2 * max; n++) reviews.set(nameOf(n), n);
  const rounds = reviewRounds({ due: async (...args) => reviews.due(...args) });
  const failing = Promise.reject(new Error('no'));
  await expect(rounds.page(100, max, 0, () => failing)).rejects.toThrow('no');
  const seen: number[] = [];
  await rounds.page(100, max, 0, async (page) => seen.push(...page.map(({ dueMs }) => dueMs)));
  expect(seen).toEqual(Array.from({ length: max }, (_, n) => max + n));
});

it('every review that is not stuck and was announced is evaluated in the tick after its due time', async () => {
  const step = fc.record({ ahead: fc.nat(30), sets: fc.array(fc.record({ stuck: fc.boolean(), due: fc.integer({ min: -20, max: 40 }) })) });
  await fc.assert(
    fc.asyncProperty(fc.array(step), async (steps) => {
      const { set, tick, done } = queue((n) => n % 2 === 0);
      const open = new Map<number, number>();
      let clock = 0;
      let n = 0;
      for (const { ahead, sets } of steps) {
        for (const { stuck, due } of sets) {
          const id = (n += 2) + (stuck ? 0 : 1);
          set(id, clock + due);
          if (!stuck) open.set(id, clock + due);
        }
        clock += ahead;
        await tick(clock, clock);
        const due = [...open].filter(([, at]) => at <= clock).map(([id]) => id);
        expect(done.splice(0).toSorted((a, b) => a - b)).toEqual(due);
        due.forEach((id) => open.delete(id));
      }
    }),
  );
});
