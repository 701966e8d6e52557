/**
 * `node test/real/measure-http.ts` measures how long it takes to post each real input to a `weir up` with one worker and
 * its own Redis, and until the last alert has its final count: the table in docs/real-input.md.
 */
import { join } from 'node:path';
import { shippedProgram, startEngine } from '../support/engine.ts';
import { absent, dataFolder, eventLinesOf, realInputs, root } from './inputs.ts';
import { postLines } from './post.ts';

if (dataFolder === undefined) {
  process.stderr.write(`${absent}\n`);
  process.exit(2);
}
for (const input of realInputs) {
  await using engine = await startEngine({
    rules: {},
    redis: { appendonly: 'yes' },
    env: { WEIR_RULES: join(root, 'rules'), WEIR_LATENESS: '5m' },
    program: shippedProgram,
  });
  const lines: string[] = [];
  for await (const line of eventLinesOf(input)) lines.push(line);
  await engine.start('up');
  const begun = performance.now();
  const seconds = (): string => ((performance.now() - begun) / 1000).toFixed(1);
  const events = await postLines(engine.url(), each(lines));
  const posted = seconds();
  await engine.quiet();
  process.stdout.write(`| ${input.name} | ${events} | ${posted} s | ${seconds()} s |\n`);
}

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
