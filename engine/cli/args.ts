/** Command lines by node:util's parseArgs, with our answers to wrong ones: what is wrong, what was probably meant, exit 2. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { closest } from '../core/closest.ts';
import { exitCodes, WeirError } from '../errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>>;

/**
 * Reads a command's options and positionals.
 * @param positionals how many may stand there: [least, most]
 * @throws WeirError (2)
 */
export function readArgs<const T extends Options>(
  command: string,
  args: readonly string[],
  options: T,
  positionals: readonly [least: number, most: number] = [0, 0],
): Pick<Parsed<T>, 'values' | 'positionals'> {
  let parsed: Parsed<T>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usageError(command, explained(error as NodeJS.ErrnoException, Object.keys(options)));
  }
  const given = parsed.positionals.length;
  if (given < positionals[0]) throw usageError(command, 'an argument is missing');
  if (given > positionals[1]) throw usageError(command, `unexpected argument '${parsed.positionals[positionals[1]]}'`);
  return parsed;
}

export const usageError = (command: string, message: string): WeirError =>
  new WeirError(message, `weir ${command} --help shows the options.`, exitCodes.usage);

function explained(error: NodeJS.ErrnoException, known: readonly string[]): string {
  const unknown = /^Unknown option '(-[^']*)'/.exec(error.message)?.[1];
  if (unknown === undefined) return error.message.split('\n')[0]!.replace(/\. To specify.*$/, '');
  const near = closest(unknown.replace(/^-+/, ''), known);
  return `unknown option '${unknown}'${near === undefined ? '' : `; did you mean --${near}?`}`;
}
