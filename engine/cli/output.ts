/**
 * Where a command's output goes, and what does not get there: nothing that came from outside (events, alerts, files,
 * answers of an API) steers the terminal. Formatting makes each text `visible`; behind it stands a net for all lines,
 * which lets through only the colours that Weir itself paints with. A reader that leaves early (`weir replay … | head -1`) ends the program quietly, as it
 * does any filter; colours only for a terminal whose owner has not set NO_COLOR (https://no-color.org).
 */
import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import type { Environment } from '../config/config.ts';
import { escapeControls, replaceControls } from '../core/util/control-characters.ts';
import { exitCodes, WeirError } from '../errors.ts';
import type { Io } from './command.ts';

export type Streams = Pick<Io, 'stdin' | 'stdout' | 'stderr'>;

/** @param flags the options every command has, as they were given */
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

/** A pipe that nobody reads any more ends the process without a word; what else keeps output from being written is thrown. */
export function watchOutput(stream: Writable, exit: () => void): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw unwritable(error);
    exit();
  });
}

const causes: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on its disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file may not become larger',
  EIO: 'its device fails',
};

const unwritable = ({ code, message }: NodeJS.ErrnoException): WeirError =>
  new WeirError(
    `cannot write output: ${causes[code ?? ''] ?? message}`,
    'What was written is not all of it. Make room, or write elsewhere.',
    exitCodes.output,
  );

/**
 * Where a command writes its data. Into a file it is written here: where the disk took but a part, `process.stdout`
 * goes on as if it were the whole. At once, as there, so that with `2>&1` lines keep their order.
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

/** What is shown of an error: the stack only to whoever asked for it, and only where nobody foresaw the error. */
export function errorLines(error: unknown, withStack: boolean): string[] {
  if (error instanceof WeirError) return [`weir: ${error.message}`, ...(error.hint === '' ? [] : [`  ${error.hint}`])];
  if (!(error instanceof Error)) return [`weir: unexpected: ${String(error)}`];
  if (withStack) return [`weir: unexpected: ${error.stack ?? error.message}`];
  return [`weir: unexpected: ${error.message}`, '  WEIR_LOG_LEVEL=debug shows where it was thrown.'];
}

const ansi = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;
export const paint = (on: boolean, style: keyof typeof ansi, text: string): string =>
  on ? `\u001b[${ansi[style]}m${text}\u001b[0m` : text;

const ownPaint = new RegExp(`(\u001b\\[(?:0|${Object.values(ansi).join('|')})m)`);

/** The net: JSON keeps its meaning, other text shows where something was. */
export function harmless(line: string, color: boolean): string {
  if (/^[{[]/.test(line) && !ownPaint.test(line)) return escapeControls(line);
  if (!color) return replaceControls(line);
  return line
    .split(ownPaint)
    .map((part, index) => (index % 2 === 1 ? part : replaceControls(part)))
    .join('');
}
