/**
 * A command's output. Text from outside (events, alerts, files, API responses) cannot control the terminal: formatters
 * escape each text with `visible`, and, as a second line of defence, every line is filtered so that only Weir's own
 * colour codes pass. A reader that closes the pipe early (`weir replay … | head -1`) ends the program quietly, as with
 * any filter. Colours are used only on a terminal, and not if NO_COLOR is set (https://no-color.org).
 */
import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { Environment } from '../config/config.ts';
import { escapeControls, replaceControls } from '../core/util/control-characters.ts';
import { exitCodes, WeirError } from '../errors.ts';
import type { Io } from './command.ts';
import { own } from '../core/util/own.ts';

export type Streams = Pick<Io, 'stdin' | 'stdout' | 'stderr'>;

/** @param flags the options common to all commands */
export function openIo(streams: Streams, env: Environment, flags: { readonly json: boolean; readonly noColor: boolean }): Io {
  const colored = (stream: Writable): boolean =>
    isTerminal(stream) && !flags.noColor && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return {
    ...streams,
    json: flags.json,
    color: { stdout: colored(streams.stdout), stderr: colored(streams.stderr) },
    terminal: isTerminal(streams.stderr),
    async print(line) {
      if (!streams.stdout.write(`${harmless(line, colored(streams.stdout))}\n`)) await once(streams.stdout, 'drain');
    },
    say(line) {
      streams.stderr.write(`${harmless(line, colored(streams.stderr))}\n`);
    },
  };
}

const isTerminal = (stream: Writable): boolean => (stream as Writable & { isTTY?: boolean }).isTTY === true;

/** Ends the process quietly when the reader has closed the pipe; throws any other write error. */
export function watchOutput(stream: Writable, exit: () => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw unwritable(error);
    exit();
  });
}

const causes: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'disk quota exceeded',
  EFBIG: 'file size limit exceeded',
  EIO: 'device error',
};

const unwritable = ({ code, message }: NodeJS.ErrnoException): WeirError =>
  new WeirError(
    `cannot write output: ${own(causes, code ?? '') ?? message}`,
    'The output is incomplete. Free some space, or write it elsewhere.',
    exitCodes.output,
  );

/**
 * The stream for a command's data. A file is written here, because after a partial write `process.stdout` carries on as
 * if the write had been complete. Writes are synchronous, as they are there, so that lines keep their order with `2>&1`.
 */
export function openStdout(): Writable {
  const { fd } = process.stdout;
  if (!fstatSync(fd).isFile()) return process.stdout;
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

/** The lines that report an error. `withStack` adds the stack of unexpected errors. */
export function errorLines(error: unknown, withStack: boolean): string[] {
  if (error instanceof WeirError) return [`weir: ${error.message}`, ...(error.hint === '' ? [] : [`  ${error.hint}`])];
  if (!(error instanceof Error)) return [`weir: unexpected error: ${String(error)}`];
  if (withStack) return [`weir: unexpected error: ${error.stack ?? error.message}`];
  return [`weir: unexpected error: ${error.message}`, '  WEIR_LOG_LEVEL=debug shows where it was thrown.'];
}

const ansi = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;
export const paint = (on: boolean, style: keyof typeof ansi, text: string): string =>
  on ? `\u001b[${ansi[style]}m${text}\u001b[0m` : text;

const ownPaint = new RegExp(`(\u001b\\[(?:0|${Object.values(ansi).join('|')})m)`);

/** Removes control characters: JSON keeps its meaning, other text shows where a character was removed. */
export function harmless(line: string, color: boolean): string {
  if (/^[{[]/.test(line) && !ownPaint.test(line)) return escapeControls(line);
  if (!color) return replaceControls(line);
  return line
    .split(ownPaint)
    .map((part, index) => (index % 2 === 1 ? part : replaceControls(part)))
    .join('');
}
