/**
 * Dispatches a command line: finds the command, loads only its file, and turns its errors into lines on stderr and an
 * exit code: 0 fine, 1 findings, 2 usage, 74 output, 78 configuration (70 for unexpected errors).
 */
import { closest } from '../core/util/closest.ts';
import type { Environment } from '../config/config.ts';
import { exitCodes, WeirError } from '../errors.ts';
import type { Command } from './command.ts';
import { errorLines, openIo, type Streams } from './output.ts';
import { version } from '../version.ts';

/** The commands, in the order of `weir --help`. A command's file is loaded only when it is needed. */
const commands = {
  up: async () => (await import('./commands/serve.ts')).upCommand,
  api: async () => (await import('./commands/serve.ts')).apiCommand,
  worker: async () => (await import('./commands/serve.ts')).workerCommand,
  check: async () => (await import('./commands/check.ts')).command,
  test: async () => (await import('./commands/test.ts')).command,
  match: async () => (await import('./commands/match.ts')).command,
  replay: async () => (await import('./commands/replay.ts')).command,
  explain: async () => (await import('./commands/explain.ts')).command,
  csv: async () => (await import('./commands/csv.ts')).command,
  generate: async () => (await import('./commands/generate.ts')).command,
  demo: async () => (await import('./commands/demo.ts')).command,
  webhooks: async () => (await import('./commands/webhooks.ts')).command,
  keys: async () => (await import('./commands/keys.ts')).command,
  doctor: async () => (await import('./commands/doctor.ts')).command,
} satisfies Readonly<Record<string, () => Promise<Command>>>;

export const commandNames = Object.keys(commands) as readonly (keyof typeof commands)[];

/** Exit code of an unexpected error, a bug in Weir (sysexits: EX_SOFTWARE). */
const unforeseen = 70;

/**
 * Runs one command line.
 * @param argv what follows `weir`
 * @returns the exit code; never throws
 */
export async function runCli(argv: readonly string[], streams: Streams, env: Environment): Promise<number> {
  const { rest, json, noColor, help } = sharedOptions(argv);
  const io = openIo(streams, env, { json, noColor });
  try {
    const [name, ...args] = rest;
    if (name === undefined && !help) {
      io.say(await overview());
      return exitCodes.usage;
    }
    if (name === undefined || name === 'help') {
      if (args[0] !== undefined) return await showUsage(args[0], io.print, io.say);
      await io.print(await overview());
      return exitCodes.fine;
    }
    if (name === '--version' || name === '-v') {
      await io.print(version());
      return exitCodes.fine;
    }
    if (help) return await showUsage(name, io.print, io.say);
    const command = await load(name);
    if (command === undefined) return unknownCommand(name, io.say);
    return await command.run(args, io);
  } catch (error) {
    return failed(error, env, io.say);
  }
}

/** Prints the error. Returns the exit code. */
export function failed(error: unknown, env: Environment, say: (line: string) => void): number {
  for (const line of errorLines(error, ['debug', 'trace'].includes(env['WEIR_LOG_LEVEL'] ?? ''))) say(line);
  return error instanceof WeirError ? error.exitCode : unforeseen;
}

/** Options common to all commands; they may appear anywhere before `--`. */
function sharedOptions(argv: readonly string[]): { rest: string[]; json: boolean; noColor: boolean; help: boolean } {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const head = argv.slice(0, end);
  const given = (...names: string[]): boolean => head.some((arg) => names.includes(arg));
  const shared = ['--json', '--no-color', '--help', '-h'];
  return {
    rest: [...head.filter((arg) => !shared.includes(arg)), ...argv.slice(end)],
    json: given('--json'),
    noColor: given('--no-color'),
    help: given('--help', '-h'),
  };
}

async function load(name: string): Promise<Command | undefined> {
  const known = commandNames.find((candidate) => candidate === name);
  return known === undefined ? undefined : commands[known]();
}

async function overview(): Promise<string> {
  const known = (await Promise.all(commandNames.map(load))).filter((command) => command !== undefined);
  const width = Math.max(...known.map((command) => command.name.length));
  const rows = known.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'Weir: real-time fraud and security correlation.',
    '',
    'Usage: weir COMMAND [options]',
    '',
    ...rows,
    '',
    'Options of every command: --help, --json (machine-readable output), --no-color. weir --version prints the version.',
    'Configuration is read from environment variables, listed in .env.example.',
    'Exit codes: 0 success, 1 findings, 2 usage error, 70 defect in Weir, 74 output cannot be written, 78 invalid configuration or rules.',
  ].join('\n');
}

async function showUsage(name: string, print: (line: string) => Promise<void>, say: (line: string) => void): Promise<number> {
  const command = await load(name);
  if (command === undefined) return unknownCommand(name, say);
  await print(`${command.summary}\n\n${command.usage.trim()}`);
  return exitCodes.fine;
}

function unknownCommand(name: string, say: (line: string) => void): number {
  const near = closest(name, commandNames);
  const what = name.startsWith('-') ? 'option' : 'command';
  say(`weir: unknown ${what} '${name}'${near === undefined ? '' : `; did you mean '${near}'?`}`);
  say('  weir --help lists the commands.');
  return exitCodes.usage;
}
