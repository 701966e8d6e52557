/**
 * The benches, in the order of the report. Each runs in its own process. `replay` is compared with `drain`, so it runs in
 * the rounds of `drain`.
 */
import type { BenchResult, Scale } from './result.ts';

export type Bench = {
  readonly name: string;
  /** Names of the results. */
  readonly gives: readonly string[];
  run(scale: Scale): Promise<readonly BenchResult[]>;
};

export const benches: readonly Bench[] = [
  {
    name: 'match',
    gives: ['match'],
    run: async (scale) => [await (await import('./match.ts')).benchMatch(scale)],
  },
  {
    name: 'drain',
    gives: ['drain-1', 'drain-3', 'replay'],
    run: async (scale) => (await import('./drain.ts')).benchDrain(scale),
  },
  {
    name: 'ingest',
    gives: ['ingest'],
    run: async (scale) => [await (await import('./ingest.ts')).benchIngest(scale)],
  },
  {
    name: 'latency',
    gives: ['latency-p50', 'latency-p99'],
    run: async (scale) => (await import('./latency.ts')).benchLatency(scale),
  },
  {
    name: 'memory',
    gives: ['memory-plain', 'memory-value'],
    run: async (scale) => (await import('./memory.ts')).benchMemory(scale),
  },
  {
    name: 'append',
    gives: ['append'],
    run: async (scale) => [await (await import('./append.ts')).benchAppend(scale)],
  },
];

/** The benches with one of the names, or that give one of the named results. @throws RangeError for an unknown name */
export function chosen(names: readonly string[]): readonly Bench[] {
  const known = benches.flatMap((bench) => [bench.name, ...bench.gives]);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RangeError(`no bench ${unknown}; there are ${[...new Set(known)].join(', ')}`);
  return names.length === 0 ? benches : benches.filter((bench) => isWanted(bench, names));
}

const isWanted = (bench: Bench, names: readonly string[]): boolean =>
  names.includes(bench.name) || bench.gives.some((name) => names.includes(name));
