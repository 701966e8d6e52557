/**
 * Handles an embedded Redis that is still running although its Weir is gone. After a kill -9 of Weir, the guard takes a
 * few moments to stop Redis; if the guard was killed as well, Redis keeps running. Before another server opens the same
 * files, this code waits for it to end or stops it, and never kills it while it may still write.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WeirError } from '../../errors.ts';
import { commandLineOf, startTimeOf } from './pids.ts';
import type { Paths } from './paths.ts';

const graceMs = 30_000;
const pollMs = 50;

/**
 * Returns when no server uses the folder any more.
 * @throws WeirError (78) when a server uses it that cannot be stopped
 */
export async function stopLeftover(paths: Paths, say: (line: string) => void): Promise<void> {
  const pid = leftoverPid(paths);
  if (pid !== undefined) {
    say(`stopping the embedded Redis (process ${pid}) that an earlier Weir left in ${paths.folder}`);
    signal(pid, 'SIGTERM');
    if (!(await isGone(pid, graceMs))) {
      signal(pid, 'SIGKILL');
      await isGone(pid, graceMs);
    }
  }
  if (!(await answers(paths.socket))) return;
  throw new WeirError(
    `another server answers on ${paths.socket}, and its process is not known.`,
    'Stop it (it may run in another container on the same folder), or set WEIR_DATA to another folder.',
  );
}

/** The process of the folder's pid file, if it is a server on our socket and not another process that reuses its id. */
function leftoverPid(paths: Paths): number | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(paths.pid, 'utf8').trim());
  } catch {
    return undefined;
  }
  if (!Number.isSafeInteger(pid) || pid <= 1) return undefined;
  const command = commandLineOf(pid);
  return /(redis|valkey)-server/.test(command) && command.includes(paths.socket) ? pid : undefined;
}

/** Waits until a process has ended. */
async function isGone(pid: number, withinMs: number): Promise<boolean> {
  const start = startTimeOf(pid);
  if (start === undefined) return true;
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += pollMs) {
    if (startTimeOf(pid) !== start) return true;
    await sleep(pollMs);
  }
  return false;
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(socket);
    const settle = (answer: boolean): void => {
      probe.destroy();
      resolve(answer);
    };
    probe.once('connect', () => settle(true));
    probe.once('error', () => settle(false));
  });
