/** Running a program to its end: the one door through which finding and installing reach the system, so that tests can stand in for it. */
import { spawn } from 'node:child_process';

export type Ran = { readonly code: number; readonly output: string };
/** Runs a program; `code` is 127 when there is none of that name. Output is stdout and stderr together, its last part. */
export type Run = (command: string, args: readonly string[], timeoutMs?: number) => Promise<Ran>;

/** Output kept of a program: the end of it says why it failed. */
const outputCharactersMax = 16_384;

export const runProgram: Run = (command, args, timeoutMs = 30_000) =>
  new Promise((resolve) => {
    let output = '';
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    // Not spawn's own timeout: that keeps the process waiting when the program does not exist.
    const timeout = setTimeout(() => child.kill(), timeoutMs);
    const settle = (ran: Ran): void => {
      clearTimeout(timeout);
      resolve(ran);
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-outputCharactersMax);
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) =>
      settle({ code: error.code === 'ENOENT' || error.code === 'EACCES' ? 127 : 126, output: error.message }),
    );
    child.once('close', (code) => settle({ code: code ?? 125, output }));
  });
