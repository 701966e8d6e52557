/**
 * A process that opens Redis as `weir up` does, for tests that kill it. It prints the address when it is ready, closes on
 * SIGTERM, and on failure ends with the exit code and message of a failed command.
 */
import { failed } from '../../engine/cli/dispatch.ts';
import { environment, loadConfig } from '../../engine/config/config.ts';
import { openRedis } from '../../engine/redis/start/open.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
try {
  const redis = await openRedis(loadConfig(), say);
  const asked = new Promise((resolve) => process.once('SIGTERM', resolve));
  process.stdout.write(`${redis.url}\n`);
  // Like `weir up`, which finishes its work first.
  process.on('SIGINT', () => process.stdout.write('interrupted\n'));
  const alive = setInterval(() => undefined, 60_000);
  await asked;
  await redis[Symbol.asyncDispose]();
  clearInterval(alive);
} catch (error) {
  process.exitCode = failed(error, environment, say);
}
