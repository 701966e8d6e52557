/** Runs a program to its end. Finding and installing a server reach the system only through this, so that tests can replace it. */
import { spawn } from 'node:child_process';

export type Ran = { readonly code: number; readonly output: string };
/** Runs a program. `code` is 127 if there is no such program. `output` is the last part of stdout and stderr together. */
export type Run = (command: string, args: readonly string[], timeoutMs?: number) => Promise<Ran>;

/** Characters kept of a program's output: the end of it says why it failed. */
const outputCharactersMax = 16_384;

export const runProgram: Run = (command, args, timeoutMs = 30_000) =>
  new Promise((resolve) => {
    let output = '';
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    // spawn's own timeout would keep this process alive when the program does not exist.
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
