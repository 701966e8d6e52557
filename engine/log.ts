/**
 * The log: one JSON line each on stderr, whatever is in it. pino escapes quotes, line ends and the C0 controls; what it
 * leaves as it is and a terminal would obey (C1, DEL, line separators, direction marks) is escaped here, and secrets
 * that Weir made are left out, wherever in a line they got to.
 */
import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { withoutSecrets } from './core/api-key.ts';
import { escapeControls } from './core/control-characters.ts';
import type { Config } from './config.ts';

const stderr = 2;

/** @param to another place than stderr, for tests */
export function openLog(level: Config['logLevel'], to: DestinationStream = destination(stderr)): Logger {
  const settings = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    hooks: { streamWrite: (line: string) => escapeControls(withoutSecrets(line)) },
  };
  return pino(settings, to);
}
