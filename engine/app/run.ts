/** Runs the requested parts until a signal arrives. */
import { openCleanup } from '../cleanup.ts';
import { loadConfig } from '../config/config.ts';
import { exitCodes } from '../errors.ts';
import type { Notices } from '../notices.ts';
import { openApi } from './api.ts';
import { openFoundation } from './foundation.ts';
import { drainAt, listenForStop, StoppedEarly } from './lifetime.ts';
import { openProbes } from './probes.ts';
import { startWorkers } from './workers.ts';

export type Parts = { readonly api: boolean; readonly workers: boolean };

/** @returns the exit code, once stopped   @throws WeirError when it cannot start */
export async function runEngine(command: string, parts: Parts, io: Notices): Promise<number> {
  const stop = listenForStop();
  const cleanup = openCleanup();
  try {
    const config = loadConfig();
    const engine = cleanup.use(await openFoundation(config, io, stop.during));
    if (config.redisUrl === undefined && !(parts.api && parts.workers)) {
      io.say(`weir: REDIS_URL is not set: ${command} runs its own Redis, which no other process uses. Set REDIS_URL, or run weir up`);
    }
    const workers = parts.workers ? cleanup.use(startWorkers(engine)) : undefined;
    const api = parts.api ? cleanup.use(await openApi(engine, workers)) : undefined;
    const probes = parts.api ? undefined : await openProbes(engine, workers);
    if (probes !== undefined) io.say(`weir: metrics on ${cleanup.use(probes).url}`);
    if (api?.authRequired === false) io.say('weir: there are no keys: the API serves this machine only, and allows every request');
    io.say(api === undefined ? `weir: ${engine.config.workers} worker(s) running` : `weir: listening on ${api.url}`);
    const drain = async (): Promise<void> => {
      api?.stop();
      probes?.stop();
      workers?.stop();
      await cleanup.close();
    };
    return await drainAt(stop, drain, io);
  } catch (error) {
    if (!(error instanceof StoppedEarly)) throw error;
    io.say(`weir: ${error.signal}: stopped during startup`);
    return exitCodes.fine;
  } finally {
    await cleanup.close();
    stop.release();
  }
}
