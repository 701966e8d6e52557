/** The process that `bin/weir` starts: connects its streams and environment to the command line, and exits with its code. */
import { environment } from '../config/config.ts';
import { failed, runCli } from './dispatch.ts';
import { harmless, openStdout, watchOutput } from './output.ts';

const { stdin, stderr } = process;
const stdout = openStdout();
for (const stream of [stdout, stderr]) watchOutput(stream, () => process.exit(0));
process.on('uncaughtException', (error) => process.exit(failed(error, environment, (line) => stderr.write(`${harmless(line, false)}\n`))));

const exitCode = await runCli(process.argv.slice(2), { stdin, stdout, stderr }, environment);
await new Promise<void>((resolve) => stdout.write('', () => resolve()));
process.exit(exitCode);
