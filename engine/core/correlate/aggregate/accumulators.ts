/**
 * The state of an aggregate while its window slides over the log. Every entry is added once at the right edge and removed
 * once at the left edge, each in constant time on average.
 */
import type { Entry } from '../entry.ts';
import { exactSum } from './exact-sum.ts';

/** Indexes are added and removed in rising order. `value` is called only while the window is not empty. */
export type Accumulator = { take(index: number): void; drop(index: number): void; value(): number };

/** The number of an entry of a numeric aggregate. */
export const numberOf = (entry: Entry): number => Number(entry.value);

/** The number of entries. */
export function counter(): Accumulator {
  let count = 0;
  return { take: () => void count++, drop: () => void count--, value: () => count };
}

/** The number of distinct keys of the entries. */
export function distinct(entries: readonly Entry[], keyOf: (entry: Entry) => number | string): Accumulator {
  const codes = new Map<number | string, number>();
  const coded = new Int32Array(entries.length);
  for (let i = 0; i < entries.length; i++) {
    const key = keyOf(entries[i]!);
    let code = codes.get(key);
    if (code === undefined) codes.set(key, (code = codes.size));
    coded[i] = code;
  }
  const counts = new Int32Array(codes.size);
  let count = 0;
  return {
    take: (index) => {
      if (counts[coded[index]!]!++ === 0) count++;
    },
    drop: (index) => {
      if (--counts[coded[index]!]! === 0) count--;
    },
    value: () => count,
  };
}

/** The exact sum of the entries' numbers. */
export function sum(entries: readonly Entry[]): Accumulator {
  const running = exactSum();
  return {
    take: (index) => running.add(numberOf(entries[index]!)),
    drop: (index) => running.subtract(numberOf(entries[index]!)),
    value: running.total,
  };
}

/** The best of the entries' numbers. Keeps the indexes that are or may become the best: each is better than all that follow. */
export function extreme(entries: readonly Entry[], better: (a: number, b: number) => boolean): Accumulator {
  const queue = new Int32Array(entries.length);
  let head = 0;
  let tail = 0;
  return {
    take: (index) => {
      const value = numberOf(entries[index]!);
      while (tail > head && !better(numberOf(entries[queue[tail - 1]!]!), value)) tail--;
      queue[tail++] = index;
    },
    drop: (index) => {
      if (queue[head] === index) head++;
    },
    value: () => numberOf(entries[queue[head]!]!),
  };
}
