/**
 * Repeatable random numbers: a stream from a seed (sfc32, initialised from a hash), so that the same seed gives the same
 * traffic on every machine. `fork` gives each part its own stream: draws in one part do not affect others, and a new
 * campaign leaves the old ones unchanged.
 */
import { createHash } from 'node:crypto';

export type Dice = {
  /** In [0, 1). */
  next(): number;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Time until the next independent event: exponential, a whole number of at least 1. */
  wait(mean: number): number;
  /** An amount of money as people spend it: log-normal around the median, a whole number. */
  amount(median: number, sigma: number): number;
  fork(name: string): Dice;
};

export function dice(seed: string): Dice {
  const next = sfc32(seed);
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (list) => list[Math.floor(next() * list.length)]!,
    wait: (mean) => 1 + Math.floor(-Math.log(1 - next()) * mean),
    amount: (median, sigma) => Math.max(1, Math.round(median * Math.exp(sigma * normal(next)))),
    fork: (name) => dice(`${seed}/${name}`),
  };
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

function sfc32(seed: string): () => number {
  const hash = createHash('sha256').update(seed).digest();
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => hash.readInt32LE(at)) as [number, number, number, number];
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
}
