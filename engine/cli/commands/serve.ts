/** `weir up`, `weir api`, `weir worker`: the same process with different parts; each runs until it receives a signal. */
import { runEngine, type Parts } from '../../app/run.ts';
import { readArgs } from '../args.ts';
import type { Command } from '../command.ts';

/** A command that takes no arguments and runs these parts. */
const serve = (name: string, summary: string, usage: string, parts: Parts): Command => ({
  name,
  summary,
  usage,
  run: async (args, io) => {
    readArgs(name, args, {});
    return runEngine(name, parts, io);
  },
});

export const upCommand = serve(
  'up',
  'run everything: the API, the workers, and Redis unless REDIS_URL is set',
  `weir upCommand

Starts Redis (unless REDIS_URL is set), the API and WEIR_WORKERS workers in one process. Settings are read from the
environment and from .env; .env.example lists them. SIGTERM drains; a second one stops immediately.`,
  { api: true, workers: true },
);

export const apiCommand = serve(
  'api',
  'run only the HTTP API; workers run in other processes',
  `weir apiCommand

Any number of these can serve one Redis (REDIS_URL), behind one address. SIGTERM drains; a second one stops immediately.`,
  { api: true, workers: false },
);

export const workerCommand = serve(
  'worker',
  'run only workers: they match, correlate and forward',
  `weir workerCommand

Runs WEIR_WORKERS workers on one Redis (REDIS_URL). Any number of these can run, on any number of machines. SIGTERM
drains; a second one stops immediately.`,
  { api: false, workers: true },
);
