/**
 * Bench `replay`: `weir replay` of a file, from its first byte to the last alert, on the events and the rule of
 * `drain-1`, and held against drain-1 of the same run. What is saved by having no Redis must show: the processor that
 * Redis has in drain reads and matches here.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { replayFile } from '../../engine/cli/replay.ts';
import { limits } from '../../engine/core/limits.ts';
import { drainFiles, drainRules, drainTexts } from './drain-load.ts';
import { median, type BenchResult, type Scale } from './result.ts';

/** @param drained events/s of drain-1 */
export async function benchReplay(drained: number, scale: Scale): Promise<BenchResult> {
  const { events, rounds } = scale === 'full' ? { events: 1_000_000, rounds: 5 } : { events: 9000, rounds: 1 };
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  try {
    const file = join(folder, 'events.ndjson');
    await writeFile(file, drainTexts(events).join('\n'));
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) rates.push(await replayed(file, events));
    const ours = median(rates);
    return {
      name: 'replay',
      what: 'a file of JSON lines to alerts in memory, 1 window update per event, against drain-1',
      unit: 'events/s',
      ours,
      floor: drained,
      ratio: ours / drained,
      budget: { least: 2 },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Events per second of one replay, threads started anew. @throws unless every event was replayed */
async function replayed(file: string, events: number): Promise<number> {
  const rules = { ruleset: drainRules(1), files: drainFiles(1) };
  const said: string[] = [];
  const started = performance.now();
  const options = { latenessMs: limits.latenessMs, drain: false, dataset: undefined };
  await replayFile(file, [rules], options, { stdin: Readable.from([]), say: (line) => void said.push(line) });
  const seconds = (performance.now() - started) / 1000;
  if (!said.some((line) => line.startsWith(`${events} events, `))) throw new Error(said.join('\n'));
  return events / seconds;
}

if (import.meta.main) console.log(await benchReplay(Number(process.argv[2] ?? 110_000), 'full'));
