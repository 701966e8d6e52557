/**
 * Bench `replay`: `weir replay` of a file, from its first byte to the last alert, on the events and the rule of `drain-1`,
 * compared with drain-1 of the same run. Replay must gain from having no Redis: the core that Redis uses in drain reads
 * and matches here.
 *
 * It runs in its own process, which drain.ts asks for one round at a time, so that neither is affected by the other's
 * garbage. As a program: `replay.ts FILE EVENTS`, which answers each message with a rate.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { replayFile } from '../../engine/cli/commands/replay.ts';
import { limits } from '../../engine/core/limits.ts';
import { drainFiles, drainRules, drainTexts } from './drain-load.ts';

export type ReplayBench = {
  /** Runs one replay. @returns events per second */
  rate(): Promise<number>;
  close(): Promise<void>;
};

export async function openReplay(events: number): Promise<ReplayBench> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-bench-'));
  const file = join(folder, 'events.ndjson');
  await writeFile(file, drainTexts(events).join('\n'));
  const child = fork(fileURLToPath(import.meta.url), [file, String(events)]);
  const gone = once(child, 'exit');
  return {
    async rate() {
      const answer = once(child, 'message') as Promise<[number]>;
      child.send('replay');
      const [rate] = await Promise.race([
        answer,
        gone.then(([code]) => Promise.reject(new Error(`the replay ended with ${String(code)}`))),
      ]);
      return rate;
    },
    async close() {
      if (child.connected) child.disconnect();
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Events per second of one replay with newly started threads. @throws unless every event was replayed */
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

if (import.meta.main) {
  const [file, events] = process.argv.slice(2) as [string, string];
  process.on('message', () => void replayed(file, Number(events)).then((rate) => process.send!(rate)));
}
