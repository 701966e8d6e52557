/** The shipped rules on real input give the figures in docs/real-input.md. Needs the data, which is not in the repository. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RuleSet } from '../../engine/core/rule.ts';
import { absent, dataFolder, root } from './inputs.ts';
import { measureAmlsim } from './measure-amlsim.ts';
import { measureCloudtrail, measureWindows } from './measure-attacks.ts';
import { measureSparkov } from './measure-sparkov.ts';
import { shippedRules } from './run.ts';
import { amlsimRows, attackRow, sparkovRows } from './table.ts';

/** The page without the padding of its table columns. */
const page = readFileSync(join(root, 'docs/real-input.md'), 'utf8').replaceAll(/ +/g, ' ');

if (dataFolder === undefined) process.stderr.write(`real input was not measured: ${absent}\n`);

describe.runIf(dataFolder !== undefined)('real input', () => {
  let ruleset: RuleSet;
  beforeAll(async () => {
    ruleset = await shippedRules();
  });

  it('CloudTrail: finds every technique that was run, with few other alerts', async () => {
    const score = await measureCloudtrail(ruleset);
    expect(score.missed).toEqual([]);
    expect(page).toContain(attackRow('cloudtrail', score));
  });

  it('Windows: finds the attack of each recording, and nothing else', async () => {
    const score = await measureWindows(ruleset);
    expect(score.missed).toEqual([]);
    expect(score.run.alerts).toHaveLength(4);
    expect(page).toContain(attackRow('windows', score));
  });

  it('Sparkov: precision and recall are those on the page', async () => {
    const { scores } = await measureSparkov(ruleset);
    for (const row of sparkovRows(scores)) expect(page).toContain(row);
  });

  it('AMLSim: precision and recall are those on the page', async () => {
    const { scores } = await measureAmlsim(ruleset);
    for (const row of amlsimRows(scores)) expect(page).toContain(row);
  });
});

describe('the data of real input', () => {
  it('is looked for where the page says', () => {
    expect(page).toContain('WEIR_TEST_DATA');
  });
});
