/**
 * One run of the embedded Redis under its guard (guard.sh): start, load, stop.
 *
 * The guard has its own process group, so that Ctrl-C in a terminal reaches only Weir, which first finishes its work in
 * progress and then stops Redis.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WeirError } from '../../errors.ts';
import { diagnose } from './diagnosis.ts';
import type { Server } from './find.ts';
import type { Paths } from './paths.ts';
import { loadingText } from '../info.ts';
import { readInfo } from '../probe.ts';

export type ServerSettings = { readonly fsync: 'everysec' | 'always'; readonly maxmemoryBytes: number };

export type ServerRun = {
  /** Settles when the process has ended, with the way it ended: `exit code 1`, `SIGKILL`. */
  readonly ended: Promise<string>;
  /** The output, and the end of the log since the start. */
  said(): string;
  /** Stops the server after it has written everything to disk. */
  stop(): Promise<string>;
};

const guard = fileURLToPath(new URL('./guard.sh', import.meta.url));
/** Seconds that a server may take to sync its file before it is killed. */
const graceSeconds = 30;
/** Characters kept of a server's output before it opens its log. */
const outputCharactersMax = 16_384;
/** Bytes at the end of the log that are searched for a cause. */
const logBytesMax = 65_536;
/** A larger log is rotated at the next start; one old log is kept. */
const logBytesKept = 8 * 1024 * 1024;
const pollMs = 25;
const progressEveryMs = 2000;

/**
 * Starts the server and waits until it has loaded its data.
 * @throws WeirError (78) with the cause if the server ends before that
 */
export async function launch(server: Server, paths: Paths, settings: ServerSettings, say: (line: string) => void): Promise<ServerRun> {
  refuseNewerFormat(server, paths);
  const logStart = rotatedLogSize(paths.log);
  let output = '';
  const child = spawn('/bin/sh', [guard, String(graceSeconds), server.path, ...serverArgs(paths, settings)], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-outputCharactersMax);
    });
  }
  const end: { how?: string } = {};
  const ended = new Promise<string>((resolve) => {
    const settle = (how: string): void => {
      end.how ??= how;
      child.stdin.destroy();
      resolve(end.how);
    };
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => settle(endText(code, signal)));
  });
  const run: ServerRun = {
    ended,
    said: () => `${output}\n${logSince(paths.log, logStart)}`,
    stop() {
      child.stdin.destroy();
      return ended;
    },
  };

  let nextProgress = Date.now() + progressEveryMs;
  while (end.how === undefined) {
    const info = await readInfo(`unix://${paths.socket}`).catch(() => undefined);
    const loading = info === undefined ? 'starting' : loadingText(info);
    // If ours has ended and a server answers on this socket, that server is another one.
    if (loading === undefined && end.how === undefined) return run;
    if (Date.now() >= nextProgress) {
      say(`waiting for the embedded Redis: ${loading === 'starting' ? loading : `loading its data, ${loading}`}`);
      nextProgress = Date.now() + progressEveryMs;
    }
    await Promise.race([sleep(pollMs), ended]);
  }
  throw diagnose(run.said(), end.how, paths, server);
}

function serverArgs(paths: Paths, settings: ServerSettings): string[] {
  const options: readonly (readonly [string, string])[] = [
    ['port', '0'],
    ['unixsocket', paths.socket],
    ['unixsocketperm', '700'],
    ['dir', paths.folder],
    ['logfile', paths.log],
    ['pidfile', paths.pid],
    ['daemonize', 'no'],
    ['appendonly', 'yes'],
    ['appendfsync', settings.fsync],
    ['save', ''],
    ['maxmemory', String(settings.maxmemoryBytes)],
    ['maxmemory-policy', 'noeviction'],
  ];
  return options.flatMap(([name, value]) => [`--${name}`, value]);
}

/** Redis 7 keeps its append-only file in a separate folder. An older Redis ignores that folder and would start empty. */
function refuseNewerFormat(server: Server, paths: Paths): void {
  if (Number(server.version.split('.')[0]) >= 7 || !existsSync(join(paths.folder, 'appendonlydir'))) return;
  throw new WeirError(
    `the embedded Redis did not start: ${paths.folder} was written by Redis 7 or newer, and ${server.path} is ${server.version}.`,
    'Use the newer server again, or set WEIR_DATA to an empty folder.',
  );
}

function rotatedLogSize(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= logBytesKept) return size;
  renameSync(path, `${path}.1`);
  return 0;
}

/** The end of the log, without its first `start` bytes. */
function logSince(path: string, start: number): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const from = Math.max(start, size - logBytesMax);
  if (size <= from) return '';
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(size - from);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, from));
  } finally {
    closeSync(file);
  }
}

/** The guard passes on how Redis ended; a shell reports a signal as 128 plus its number. */
function endText(code: number | null, signal: string | null): string {
  if (signal !== null) return `its guard got ${signal}`;
  const signals: Readonly<Record<number, string>> = { 134: 'SIGABRT', 137: 'SIGKILL', 139: 'SIGSEGV', 143: 'SIGTERM' };
  return signals[code ?? 0] ?? `exit code ${code}`;
}
