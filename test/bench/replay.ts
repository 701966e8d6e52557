/**
 * Bench `replay`: the in-memory path, from lines of JSON to alerts, on the events and the rule of `drain-1`. Held
 * against drain-1 of the same run, on the same core: what is saved by having no Redis must show.
 *
 * What is measured is what `weir replay` does with a file's lines: parse, envelope, match, correlate, alert.
 */
import { performance } from 'node:perf_hooks';
import { eventReader } from '../../engine/cli/read-events.ts';
import { limits } from '../../engine/core/limits.ts';
import { replayStores } from '../../engine/memory/replay-stores.ts';
import { replaySession } from '../../engine/runtime/replay.ts';
import { drainRules, drainTexts } from './drain-load.ts';
import { median, type BenchResult, type Scale } from './result.ts';

/** @param drained events/s of drain-1 */
export async function benchReplay(drained: number, scale: Scale): Promise<BenchResult> {
  const { events, rounds } = scale === 'full' ? { events: 300_000, rounds: 5 } : { events: 3000, rounds: 1 };
  const texts = drainTexts(events);
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) rates.push(await replayed(texts));
  const ours = median(rates);
  return {
    name: 'replay',
    what: 'lines of JSON to alerts in memory, 1 window update per event, against drain-1',
    unit: 'events/s',
    ours,
    floor: drained,
    ratio: ours / drained,
    budget: { least: 2 },
  };
}

/** Events per second of one replay with stores of its own. */
async function replayed(texts: readonly string[]): Promise<number> {
  const ruleset = drainRules(1);
  const refuse = (text: string): never => {
    throw new Error(text);
  };
  const reader = eventReader(ruleset, 'bench', undefined, Date.now(), { say: refuse });
  const session = replaySession(ruleset, replayStores, { latenessMs: limits.latenessMs, drain: false, onRuleFault: refuse });
  const started = performance.now();
  for (let i = 0; i < texts.length; i++) {
    const line = { number: i + 1, text: texts[i]! };
    const event = reader.read(line, session.clock());
    const busy = event === undefined ? undefined : session.feed(event);
    if (busy !== undefined) await busy;
  }
  await session.finish();
  return texts.length / ((performance.now() - started) / 1000);
}

if (import.meta.main) console.log(await benchReplay(Number(process.argv[2] ?? 110_000), 'full'));
