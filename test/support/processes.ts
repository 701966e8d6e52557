/** Processes of a test: starts them, waits for them, and finds them by their command line. */
import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export type Child = {
  readonly process: ChildProcess;
  /** Everything written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** The next complete line of stdout. @throws with stderr when the process ends first */
  line(): Promise<string>;
};

/** Starts a program and collects its output. */
export function start(command: string, args: readonly string[], options: SpawnOptions = {}): Child {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const text = { stdout: '', stderr: '' };
  let read = 0;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (part: string) => {
      text[name] += part;
    });
  }
  const state: { done: boolean } = { done: false };
  const ended = new Promise<Awaited<Child['ended']>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      state.done = true;
      resolve({ code, signal });
    });
  });
  ended.catch(() => undefined);
  return {
    process: child,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended,
    async line() {
      for (;;) {
        const end = text.stdout.indexOf('\n', read);
        if (end >= 0) {
          const line = text.stdout.slice(read, end);
          read = end + 1;
          return line;
        }
        if (state.done) throw new Error(`it ended without a line; stderr:\n${text.stderr}`);
        await sleep(10);
      }
    },
  };
}

/** Ids of the processes whose command line contains a text, except this process. */
export function processesWith(text: string): number[] {
  return commandLines()
    .filter(([pid, line]) => pid !== process.pid && line.includes(text))
    .map(([pid]) => pid);
}

/** Waits until a condition holds; the time limit of the test ends the wait. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await sleep(20);
}

function commandLines(): [pid: number, line: string][] {
  if (!existsSync('/proc/self/cmdline')) {
    const lines = execFileSync('ps', ['-axo', 'pid=,args='], { encoding: 'utf8' }).trim().split('\n');
    return lines.map((line) => [Number.parseInt(line.trim(), 10), line.trim().replace(/^\d+\s+/, '')]);
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => [Number(pid), commandLine(pid)]);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
