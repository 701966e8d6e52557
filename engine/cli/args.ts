/** Parses command lines with node:util's parseArgs. Errors say what is wrong and what was probably meant, and exit with 2. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { closest } from '../core/util/closest.ts';
import { exitCodes, WeirError } from '../errors.ts';
import { own } from '../core/util/own.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends Options> = ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>>;

/**
 * Reads a command's options and positionals.
 * @param positionals how many are allowed: [minimum, maximum]
 * @throws WeirError (2)
 */
export function readArgs<const T extends Options>(
  command: string,
  args: readonly string[],
  options: T,
  positionals: readonly [min: number, max: number] = [0, 0],
): Pick<Parsed<T>, 'values' | 'positionals'> {
  let parsed: Parsed<T>;
  try {
    const read = parseArgs({ args: joined(args, options), options, allowPositionals: true, strict: true, tokens: true });
    checkRepeats(command, read.tokens, options);
    parsed = read;
  } catch (error) {
    if (error instanceof WeirError) throw error;
    throw usageError(command, explained(error as NodeJS.ErrnoException, Object.keys(options)));
  }
  const given = parsed.positionals.length;
  if (given < positionals[0]) throw usageError(command, 'missing argument');
  if (given > positionals[1]) throw usageError(command, `unexpected argument '${parsed.positionals[positionals[1]]}'`);
  return parsed;
}

export const usageError = (command: string, message: string): WeirError =>
  new WeirError(message, `weir ${command} --help shows the options.`, exitCodes.usage);

/** A negative number after an option is its value: `--max -1` is read as `--max=-1`, and checked by the command. */
function joined(args: readonly string[], options: Options): string[] {
  const read: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') return [...read, ...args.slice(i)];
    const value = args[i + 1] ?? '';
    const isValue = arg.startsWith('--') && own(options, arg.slice(2))?.type === 'string' && /^-\.?[0-9]/.test(value);
    if (isValue) i++;
    read.push(isValue ? `${arg}=${value}` : arg);
  }
  return read;
}

type Token = { readonly kind: string; readonly name?: string };

/** The parser would silently take the last value. */
function checkRepeats(command: string, tokens: readonly Token[], options: Options): void {
  const given = tokens.flatMap(({ kind, name }) => (kind === 'option' && name !== undefined ? [name] : []));
  const twice = given.find(
    (name, at) => given.indexOf(name) < at && own(options, name)?.type === 'string' && own(options, name)?.multiple !== true,
  );
  if (twice !== undefined) throw usageError(command, `--${twice} is given twice; it takes one value`);
}

function explained(error: NodeJS.ErrnoException, known: readonly string[]): string {
  // Nothing follows it, or something that looks like the next option.
  const bare = error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' ? /^Option '(?:-\w, )?(--[\w-]+)/.exec(error.message)?.[1] : undefined;
  if (bare !== undefined && !/does not take an argument/.test(error.message)) {
    return `${bare} needs a value${/ambiguous/.test(error.message) ? `; write one that begins with a dash as ${bare}=-…` : ''}`;
  }
  const unknown = /^Unknown option '(-[^']*)'/.exec(error.message)?.[1];
  if (unknown === undefined) return error.message.split('\n')[0]!.replace(/\. To specify.*$/, '');
  const near = closest(unknown.replace(/^-+/, ''), known);
  return `unknown option '${unknown}'${near === undefined ? '' : `; did you mean --${near}?`}`;
}
