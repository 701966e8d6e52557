/**
 * The embedded Redis: a redis-server that Weir runs on a private socket, with its append-only file in the data folder.
 *
 *     lock the folder ─▶ stop what was left ─▶ launch ─▶ loaded ─▶ … ─▶ close: stop, unlock
 *                              ▲                                │
 *                              └────── wait a little ◀── ended unexpectedly
 *
 * A server that ends unexpectedly is restarted for as long as Weir runs. The wait between two attempts is bounded but
 * their number is not, because the cause (a full disk) may pass; meanwhile ingest answers 503. Only the first start must
 * succeed. Clients reconnect by themselves, since the socket stays the same.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './find.ts';
import { causeOf } from './diagnosis.ts';
import { lockFolder } from './lock.ts';
import { stopLeftover } from './leftover.ts';
import { preparePaths } from './paths.ts';
import { launch, type ServerRun, type ServerSettings } from './process.ts';

export type EmbeddedSettings = ServerSettings & { readonly dataPath: string };

export type EmbeddedRedis = AsyncDisposable & {
  /** `unix:///…/redis.sock` */
  readonly url: string;
  /** Number of restarts after an unexpected end. */
  restarts(): number;
};

const waitMsLeast = 100;
const waitMsMost = 5000;
/** A server that has run this long counts as healthy: the next wait is the shortest one again. */
const healthyMs = 60_000;

/**
 * Starts the server. Resolves when it has loaded its data.
 * @param say one line for the operator: progress, restarts
 * @throws WeirError (78): the folder is in use or cannot be written, the data is damaged or newer than the server
 */
export async function startEmbedded(server: Server, settings: EmbeddedSettings, say: (line: string) => void): Promise<EmbeddedRedis> {
  const paths = preparePaths(settings.dataPath);
  const unlock = lockFolder(paths.folder);
  const closing = new AbortController();
  let run: ServerRun;
  let restarts = 0;

  async function start(): Promise<ServerRun> {
    await stopLeftover(paths, say);
    return launch(server, paths, settings, say);
  }

  /** Restarts the server until closing. Resolves when the last run has ended. */
  async function keepRunning(): Promise<void> {
    let waitMs = waitMsLeast;
    for (;;) {
      const since = Date.now();
      const how = await run.ended;
      if (closing.signal.aborted) return;
      if (Date.now() - since >= healthyMs) waitMs = waitMsLeast;
      const cause = causeOf(run.said(), paths, server);
      say(
        `the embedded Redis ended unexpectedly (${how}); starting it again${cause === undefined ? '' : `: ${cause.message} ${cause.hint}`}`,
      );
      const next = await restarted(waitMs);
      if (next === undefined) return;
      if (closing.signal.aborted) return void (await next.stop());
      run = next;
      restarts++;
      waitMs = Math.min(waitMs * 2, waitMsMost);
      say('the embedded Redis runs again');
    }
  }

  async function restarted(firstWaitMs: number): Promise<ServerRun | undefined> {
    let said = '';
    for (let waitMs = firstWaitMs; !closing.signal.aborted; waitMs = Math.min(waitMs * 2, waitMsMost)) {
      await sleep(waitMs, undefined, { signal: closing.signal }).catch(() => undefined);
      if (closing.signal.aborted) break;
      try {
        return await start();
      } catch (error) {
        const message = (error as Error).message;
        if (message !== said) say(`${message} Trying again until it does.`);
        said = message;
      }
    }
    return undefined;
  }

  try {
    run = await start();
  } catch (error) {
    unlock();
    throw error;
  }
  const watching = keepRunning();
  return {
    url: `unix://${paths.socket}`,
    restarts: () => restarts,
    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return void (await watching);
      closing.abort();
      await run.stop();
      await watching;
      unlock();
    },
  };
}
