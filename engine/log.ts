/**
 * The log: one JSON line each on stderr, whatever is in it. pino escapes quotes, line ends and the C0 controls; what it
 * leaves as it is and a terminal would obey (C1, DEL, line separators, direction marks) is escaped here, and secrets
 * that Weir made are left out, wherever in a line they got to. So are the arguments of Redis's commands, which the client
 * library adds to its errors: they are events.
 */
import { destination, pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { withoutSecrets } from './core/access/api-key.ts';
import { escapeControls } from './core/util/control-characters.ts';
import type { Config } from './config/config.ts';

const stderr = 2;

/** @param to another place than stderr, for tests */
export function openLog(level: Config['logLevel'], to: DestinationStream = destination(stderr)): Logger {
  const settings = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => withoutArguments(stdSerializers.err(error as Error)) },
    hooks: { streamWrite: (line: string) => escapeControls(withoutSecrets(line)) },
  };
  return pino(settings, to);
}

/** What pino made of an error, with each command by its name alone. */
function withoutArguments(told: unknown): unknown {
  if (typeof told !== 'object' || told === null) return told;
  const { command, previousErrors, aggregateErrors } = told as Told;
  if (command !== undefined) Object.assign(told, { command: command.name });
  if (previousErrors !== undefined) Object.assign(told, { previousErrors: previousErrors.map(({ message }) => message) });
  aggregateErrors?.forEach(withoutArguments);
  return told;
}

/** What ioredis adds to errors, and pino to those of several. */
type Told = {
  readonly command?: { readonly name?: string };
  readonly previousErrors?: readonly Error[];
  readonly aggregateErrors?: readonly unknown[];
};
