/** The console while the server is unavailable, and when it requires a key. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { live, openConsole, rowOf } from '../../support/console.ts';
import { until } from '../../support/processes.ts';

test('shows that the server is unavailable, and misses nothing when it is back', async () => {
  await using weir = await openConsole();
  const { engine } = weir;
  const first = await weir.cards('192.0.2.1');
  await using visit = await weir.visit();
  const { page } = visit;
  await rowOf(page, first).waitFor();
  await live(page);
  await using without = await weir.visit(`#/alerts/${first.id}`);
  await without.page.locator('.detail .status.open').waitFor();

  const { port } = new URL(engine.url());
  await engine.stopAll();
  await page.locator('.light.warn, .light.bad', { hasText: /reconnecting|offline/ }).waitFor();
  // A change meanwhile fails visibly, and can be retried.
  await without.page.keyboard.press('a');
  await without.page.getByText('Failed: Weir does not respond').waitFor();

  await engine.start('up', { WEIR_PORT: port });
  const second = await weir.cards('192.0.2.2');
  await live(page);
  await page.getByRole('button', { name: 'Show 1 new alert' }).click();
  await rowOf(page, second).waitFor();
  await without.page.getByRole('button', { name: 'Try again' }).click();
  await without.page.locator('.detail .status.acknowledged').waitFor();
  expect((await weir.api('GET', `/v1/alerts/${first.id}`)).body).toMatchObject({ status: 'acknowledged' });
});

test('with keys configured, asks for one, keeps it for the tab only, and can forget it', async () => {
  const key = '0123456789abcdef-analyst';
  await using weir = await openConsole({ WEIR_KEYS: `ann=${key}` }, key);
  const alert = await weir.cards('192.0.2.3');
  await using visit = await weir.visit();
  const { page } = visit;
  const field = page.getByLabel('API key');
  await field.fill('0123456789abcdef-nobody');
  await page.keyboard.press('Enter');
  await page.getByText('Invalid API key').waitFor();
  await field.fill(key);
  await page.keyboard.press('Enter');
  await rowOf(page, alert).waitFor();
  await live(page);
  await page.keyboard.press('j');
  await page.keyboard.press('a');
  await rowOf(page, alert).locator('.status.acknowledged').waitFor();
  const { body } = await weir.api('GET', `/v1/alerts/${alert.id}`);
  expect((body as { history: { who: string }[] }).history.map(({ who }) => who)).toEqual(['ann']);

  await page.reload();
  await page.getByText('No matching alerts').waitFor();
  await using other = await weir.visit();
  await other.page.getByLabel('API key').waitFor();
  await page.getByRole('button', { name: 'Forget key' }).click();
  await page.getByLabel('API key').waitFor();
  expect(visit.requests.filter((url) => url.includes(key))).toEqual([]);
});

test('shows problems of rule files with file, line and column', async () => {
  await using weir = await openConsole();
  writeFileSync(join(weir.engine.rulesPath, 'bad.yaml'), 'id: bad\nconditions: { all: [{ fact: a, operator: equl, value: 1 }] }\n');
  await until(async () => ((await weir.api('GET', '/v1/rules')).body as { problems: unknown[] }).problems.length > 3);
  await using visit = await weir.visit('#/rules');
  await visit.page.locator('.problems li', { hasText: /bad\.yaml:2:\d+/ }).waitFor();
  expect(await visit.page.locator('.problems li', { hasText: 'equl' }).textContent()).toContain('did you mean "equal"?');
});
