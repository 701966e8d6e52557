/**
 * Runs before any test: finds redis-server, or installs it as `weir up` would, because many tests start one. If that
 * fails the run stops here, with the command to run.
 */
import { ensureServer, thisSystem } from '../../engine/redis/embedded/install.ts';

export default async function setup(): Promise<void> {
  await ensureServer(thisSystem((line) => void process.stderr.write(`${line}\n`)));
}
