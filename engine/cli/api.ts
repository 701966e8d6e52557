/** `weir api`: the HTTP API alone. */
import type { Command } from './command.ts';
import { runEngine } from './parts/run-engine.ts';

export const command: Command = {
  name: 'api',
  summary: 'run the HTTP API alone; workers run elsewhere',
  usage: `weir api

Any number of these may serve one Redis (REDIS_URL), behind one address. SIGTERM drains, a second one stops at once.`,
  run: (args, io) => runEngine('api', { api: true, workers: false }, args, io),
};
