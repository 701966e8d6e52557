/** What a running process shows of its rules when they are changed, broken, unreadable, and fixed. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEngine } from '../support/engine.ts';
import { until } from '../support/processes.ts';
import { scrape, valueOf } from '../support/samples.ts';

const rule = (id: string, operator = 'equal'): string => `
id: ${id}
conditions: { all: [{ fact: event.dataset, operator: ${operator}, value: payments }] }
`;

test('metrics show the last load, whether it succeeded, and the last successful one', async () => {
  await using engine = await startEngine({ rules: { 'a.yaml': rule('one') } });
  const up = await engine.start('up');
  const shown = async () => {
    const samples = await scrape(engine.url());
    return {
      success: valueOf(samples, 'weir_rules_last_load_success')!,
      last: valueOf(samples, 'weir_rules_last_load_timestamp_seconds')!,
      good: valueOf(samples, 'weir_rules_last_good_load_timestamp_seconds')!,
      live: valueOf(samples, 'weir_rules', { status: 'live' })!,
    };
  };
  const begun = await shown();
  expect(begun).toMatchObject({ success: 1, live: 1, good: begun.last });
  expect(begun.last).toBeGreaterThan(0);

  writeFileSync(join(engine.rulesPath, 'b.yaml'), rule('two', 'eqal'));
  await until(async () => (await shown()).success === 0);
  const broken = await shown();
  expect(broken.last).toBeGreaterThan(begun.last);
  expect(broken).toMatchObject({ live: 1, good: begun.good });

  writeFileSync(join(engine.rulesPath, 'b.yaml'), rule('two'));
  await until(async () => (await shown()).live === 2);
  const fixed = await shown();
  expect(fixed).toMatchObject({ success: 1, good: fixed.last });

  renameSync(engine.rulesPath, `${engine.rulesPath}-away`);
  await until(async () => (await shown()).success === 0);
  expect(await shown()).toMatchObject({ live: 2, good: fixed.good });
  const asked = async (path: string) => (await fetch(engine.url() + path)).json() as Promise<unknown>;
  expect(await asked('/v1/rules')).toMatchObject({
    rules: [{ id: 'one' }, { id: 'two' }],
    problems: [{ file: engine.rulesPath, code: 'folder-missing', hint: expect.stringContaining('restore it') as string }],
  });
  expect(await asked('/readyz')).toMatchObject({
    ready: true,
    parts: { rules: { ok: true, reason: expect.stringContaining('GET /v1/rules') as string } },
  });
  renameSync(`${engine.rulesPath}-away`, engine.rulesPath);
  await until(async () => (await shown()).success === 1);
  expect(await asked('/v1/rules')).toMatchObject({ problems: [{ severity: 'warning' }, { severity: 'warning' }] });
  expect(await asked('/readyz')).toMatchObject({ parts: { rules: { ok: true } } });

  const logged = up
    .stderr()
    .split('\n')
    .filter((line) => line.includes(`${engine.rulesPath}:1:1`))
    .map((line) => JSON.parse(line) as object);
  expect(logged).toMatchObject([{ level: 40, code: 'folder-missing', msg: expect.stringContaining('ENOENT') as string }]);
  expect(up.stderr()).not.toContain('"stack"');
});

test('an emptied folder is a warning at /v1/rules and in the metrics, and not ready, until it has a rule again', async () => {
  await using engine = await startEngine({ rules: { 'a.yaml': rule('one') } });
  await engine.start('up');
  const listed = async () =>
    (await (await fetch(`${engine.url()}/v1/rules`)).json()) as {
      rules: unknown[];
      problems: { code: string; severity: string; file: string }[];
    };
  const shown = async () => {
    const samples = await scrape(engine.url());
    const problems = (severity: string) => valueOf(samples, 'weir_rule_problems', { severity });
    return {
      live: valueOf(samples, 'weir_rules', { status: 'live' }),
      warnings: problems('warning'),
      errors: problems('error'),
      folder: valueOf(samples, 'weir_rules_folder_up'),
      ready: (await fetch(`${engine.url()}/readyz`)).status,
    };
  };
  rmSync(join(engine.rulesPath, 'a.yaml'));
  await until(async () => (await listed()).rules.length === 0);
  expect((await listed()).problems).toMatchObject([{ code: 'no-rule-left', severity: 'warning', file: engine.rulesPath }]);
  expect(await shown()).toEqual({ live: 0, warnings: 1, errors: 0, folder: 0, ready: 503 });

  writeFileSync(join(engine.rulesPath, 'a.yaml'), rule('one'));
  await until(async () => (await listed()).rules.length === 1);
  expect((await listed()).problems.map(({ code }) => code)).toEqual(['no-tests']);
  expect(await shown()).toEqual({ live: 1, warnings: 1, errors: 0, folder: 1, ready: 200 });
});

test('a file in place of the folder keeps the rules, and is not ready until the folder is back', async () => {
  await using engine = await startEngine({ rules: { 'a.yaml': rule('one') } });
  await engine.start('up');
  const shown = async () => {
    const samples = await scrape(engine.url());
    return {
      live: valueOf(samples, 'weir_rules', { status: 'live' }),
      success: valueOf(samples, 'weir_rules_last_load_success'),
      folder: valueOf(samples, 'weir_rules_folder_up'),
      ready: (await fetch(`${engine.url()}/readyz`)).status,
    };
  };
  const well = { live: 1, success: 1, folder: 1, ready: 200 };
  expect(await shown()).toEqual(well);
  renameSync(engine.rulesPath, `${engine.rulesPath}-away`);
  writeFileSync(engine.rulesPath, 'no rules here');
  await until(async () => (await shown()).ready === 503);
  expect(await shown()).toEqual({ live: 1, success: 0, folder: 0, ready: 503 });
  rmSync(engine.rulesPath);
  renameSync(`${engine.rulesPath}-away`, engine.rulesPath);
  await until(async () => (await shown()).ready === 200);
  expect(await shown()).toEqual(well);
});
