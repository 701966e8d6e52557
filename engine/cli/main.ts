/** The process behind `bin/weir`: its streams, its environment, its exit. */
import { environment } from '../config.ts';
import { failed, runCli } from './frame.ts';
import { exitOnClosedPipe, harmless } from './output.ts';

for (const stream of [process.stdout, process.stderr]) exitOnClosedPipe(stream, () => process.exit(0));
process.on('uncaughtException', (error) =>
  process.exit(failed(error, environment, (line) => process.stderr.write(`${harmless(line, false)}\n`))),
);

const exitCode = await runCli(process.argv.slice(2), process, environment);
await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
process.exit(exitCode);
