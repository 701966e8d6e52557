/** Runs the asked-for parts until a signal comes. */
import { loadConfig } from '../../config.ts';
import { readArgs } from '../args.ts';
import type { Io } from '../command.ts';
import { openApi } from './api.ts';
import { openEngine } from './engine-parts.ts';
import { serve } from './lifetime.ts';
import { startWorkers } from './workers.ts';

export type Parts = { readonly api: boolean; readonly workers: boolean };

/** @returns the exit code, when it has been stopped   @throws WeirError when it cannot start */
export async function runEngine(command: string, parts: Parts, args: readonly string[], io: Io): Promise<number> {
  readArgs(command, args, {});
  const resources = new AsyncDisposableStack();
  try {
    const engine = resources.use(await openEngine(loadConfig(), io));
    const workers = parts.workers ? resources.use(startWorkers(engine)) : undefined;
    const api = parts.api ? resources.use(await openApi(engine)) : undefined;
    io.say(api === undefined ? `weir: ${engine.config.workers} worker(s) running` : `weir: listening on ${api.url}`);
    return await serve(
      {
        async drain() {
          api?.stop();
          workers?.stop();
          await resources.disposeAsync();
        },
      },
      io,
    );
  } finally {
    await resources.disposeAsync();
  }
}
