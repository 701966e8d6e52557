/** `node test/real/measure.ts` prints the figures in docs/real-input.md, as the rows of its tables. */
import { absent, dataFolder } from './inputs.ts';
import { measureAmlsim } from './measure-amlsim.ts';
import { measureCloudtrail, measureWindows } from './measure-attacks.ts';
import { measureSparkov } from './measure-sparkov.ts';
import { shippedRules } from './run.ts';
import { amlsimRows, attackRow, sparkovRows } from './table.ts';

if (dataFolder === undefined) {
  process.stderr.write(`${absent}\n`);
  process.exit(2);
}
const ruleset = await shippedRules();
const print = (...lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n\n`);

const cloudtrail = await measureCloudtrail(ruleset);
const windows = await measureWindows(ruleset);
print(
  'Attacks',
  attackRow('cloudtrail', cloudtrail),
  attackRow('windows', windows),
  `missed: ${[...cloudtrail.missed, ...windows.missed].join(', ')}`,
);
print('Card payments', ...sparkovRows((await measureSparkov(ruleset)).scores));
print('Transfers', ...amlsimRows((await measureAmlsim(ruleset)).scores));
