/**
 * The interface of a command. Each command is a file under engine/cli/commands/.
 *
 * Data goes to stdout (`io.print`), messages for people go to stderr (`io.say`).
 */
import type { Readable, Writable } from 'node:stream';

export type Io = {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** `--json` was given: print machine-readable output. */
  readonly json: boolean;
  /** Whether to use colours on each stream: it is a terminal, and neither NO_COLOR nor --no-color is set. */
  readonly color: { readonly stdout: boolean; readonly stderr: boolean };
  /** Stderr is a terminal, so a command can show its progress. */
  readonly terminal: boolean;
  /** Writes one line of data. Await it when there are many: it waits for a slow reader. */
  print(line: string): Promise<void>;
  /** Writes one line for a person. */
  say(line: string): void;
};

export type Command = {
  readonly name: string;
  /** One line, shown by `weir --help`. */
  readonly summary: string;
  /** What `weir NAME --help` shows: synopsis, options, an example, and any special exit codes. */
  readonly usage: string;
  /**
   * @param args what follows the command's name, without the options common to all commands (--json, --no-color, --help)
   * @returns the exit code
   */
  run(args: readonly string[], io: Io): Promise<number>;
};
