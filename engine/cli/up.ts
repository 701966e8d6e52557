/** `weir up`: everything in one process. */
import type { Command } from './command.ts';
import { runEngine } from './parts/run-engine.ts';

export const command: Command = {
  name: 'up',
  summary: 'run everything: a Redis of its own unless REDIS_URL is set, the API, the workers',
  usage: `weir up

Starts Redis (unless REDIS_URL names one), the API and WEIR_WORKERS workers in one process. Settings come from the
environment and from .env; .env.example lists them. SIGTERM drains, a second one stops at once.`,
  run: (args, io) => runEngine('up', { api: true, workers: true }, args, io),
};
