/** `weir up`, `weir api`, `weir worker`: the same process with other parts, running until a signal comes. */
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

export const up = serve(
  'up',
  'run everything: a Redis of its own unless REDIS_URL is set, the API, the workers',
  `weir up

Starts Redis (unless REDIS_URL names one), the API and WEIR_WORKERS workers in one process. Settings come from the
environment and from .env; .env.example lists them. SIGTERM drains, a second one stops at once.`,
  { api: true, workers: true },
);

export const api = serve(
  'api',
  'run the HTTP API alone; workers run elsewhere',
  `weir api

Any number of these may serve one Redis (REDIS_URL), behind one address. SIGTERM drains, a second one stops at once.`,
  { api: true, workers: false },
);

export const worker = serve(
  'worker',
  'run workers alone: they match, correlate and forward',
  `weir worker

Runs WEIR_WORKERS workers on one Redis (REDIS_URL); any number of these, on any number of machines. SIGTERM drains, a
second one stops at once.`,
  { api: false, workers: true },
);
