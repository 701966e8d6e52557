/** `weir worker`: workers alone. */
import type { Command } from './command.ts';
import { runEngine } from './parts/run-engine.ts';

export const command: Command = {
  name: 'worker',
  summary: 'run workers alone: they match, correlate and forward',
  usage: `weir worker

Runs WEIR_WORKERS workers on one Redis (REDIS_URL); any number of these, on any number of machines. SIGTERM drains, a
second one stops at once.`,
  run: (args, io) => runEngine('worker', { api: false, workers: true }, args, io),
};
