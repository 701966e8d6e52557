/**
 * What a command is, and what it is given: one file a command under engine/cli/, each exporting `command`.
 *
 * Data goes to stdout (`io.print`), everything said to a person to stderr (`io.say`).
 */
import type { Readable, Writable } from 'node:stream';

export type Io = {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** `--json` was given: data for machines. */
  readonly json: boolean;
  /** Colours are welcome on stderr, or on stdout: a terminal, and neither NO_COLOR nor --no-color. */
  readonly color: { readonly stdout: boolean; readonly stderr: boolean };
  /** Stderr is a terminal: a line may be rewritten. */
  readonly terminal: boolean;
  /** One line of data. Await it when there are many: it waits for a slow reader. */
  print(line: string): Promise<void>;
  /** One line for a person. */
  say(line: string): void;
};

export type Command = {
  readonly name: string;
  /** One line, shown by `weir --help`. */
  readonly summary: string;
  /** Everything `weir NAME --help` shows: the call, the options, an example, exit codes if they are special. */
  readonly usage: string;
  /**
   * @param args what follows the command's name, without the options every command has (--json, --no-color, --help)
   * @returns the exit code
   */
  run(args: readonly string[], io: Io): Promise<number>;
};
