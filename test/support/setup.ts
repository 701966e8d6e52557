/**
 * Before any test: a redis-server, found or installed as `weir up` would. Many tests start their own; without one
 * the run stops here, with the command to type.
 */
import { ensureServer, thisSystem } from '../../engine/redis/embedded/install.ts';

export default async function setup(): Promise<void> {
  await ensureServer(thisSystem((line) => void process.stderr.write(`${line}\n`)));
}
