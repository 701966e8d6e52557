/**
 * The log: one JSON line per entry on stderr, whatever it contains. pino escapes quotes, line ends and the C0 controls;
 * other characters that a terminal would obey (C1, DEL, line separators, direction marks) are escaped here. Secrets that
 * Weir made are removed, wherever they appear in a line, and so are the arguments of Redis commands, which the client
 * library adds to its errors: they hold events.
 */
import { destination, pino, stdSerializers, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { withoutSecrets } from './core/access/api-key.ts';
import { escapeControls } from './core/util/control-characters.ts';
import type { Config } from './config/config.ts';

const stderr = 2;

/** @param to the destination; tests use another one than stderr */
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

/** A serialized error with only the names of Redis commands. */
function withoutArguments(serialized: unknown): unknown {
  if (typeof serialized !== 'object' || serialized === null) return serialized;
  const { command, previousErrors, aggregateErrors } = serialized as SerializedError;
  if (command !== undefined) Object.assign(serialized, { command: command.name });
  if (previousErrors !== undefined) Object.assign(serialized, { previousErrors: previousErrors.map(({ message }) => message) });
  aggregateErrors?.forEach(withoutArguments);
  return serialized;
}

/** What ioredis adds to errors, and pino to aggregate errors. */
type SerializedError = {
  readonly command?: { readonly name?: string };
  readonly previousErrors?: readonly Error[];
  readonly aggregateErrors?: readonly unknown[];
};
