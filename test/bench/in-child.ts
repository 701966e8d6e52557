/** Runs a bench in a new process, which sends its results as a message. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Bench } from './benches.ts';
import type { BenchResult, Scale } from './result.ts';

const program = fileURLToPath(new URL('child.ts', import.meta.url));

/** @throws when the process ends without results; its stderr is passed on */
export async function inChild(bench: Bench, scale: Scale): Promise<readonly BenchResult[]> {
  const child = fork(program, [bench.name, scale], {
    // As bin/weir does: a replay starts its threads with the code that was compiled last time.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/weir', import.meta.url)), ...process.env },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let results: readonly BenchResult[] | undefined;
  child.on('message', (message) => (results = message as readonly BenchResult[]));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (results === undefined) throw new Error(`bench ${bench.name} ended with ${code} and no results`);
  return results;
}
