/**
 * The pictures of the console in the documentation, made anew:
 *
 *     npm run screenshots
 *
 * An engine with the shipped rules and their own events, some alerts triaged, and a browser that looks at it.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { Alert } from '../engine/core/alert/alert.ts';
import { openBrowser, visit } from './support/browser.ts';
import { shippedTraffic } from './support/console-traffic.ts';
import { shippedProgram, startEngine, type TestEngine } from './support/engine.ts';

const top = join(import.meta.dirname, '..');
const folder = join(top, 'docs/images');
const rules = join(top, 'rules');

type Picture = {
  readonly name: string;
  readonly at: string;
  readonly options: BrowserContextOptions;
  readonly ready: (page: Page) => Promise<unknown>;
};

const desk = { width: 1240, height: 760 };
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true };

function pictures(alert: Alert): Picture[] {
  const rows = (page: Page) => page.locator('.alert').nth(5).waitFor();
  const live = async (page: Page): Promise<void> => {
    await page.locator('.light.good').waitFor();
    await page.locator('.figure', { hasText: /events\/s \d/ }).waitFor();
  };
  const list = async (page: Page): Promise<void> => {
    await rows(page);
    await live(page);
    await page.keyboard.press('j');
  };
  const open = async (page: Page): Promise<void> => {
    await page.locator('.step').first().waitFor();
    await live(page);
  };
  return [
    { name: 'light', at: '#/alerts?status=any', options: { viewport: desk, colorScheme: 'light' }, ready: list },
    { name: 'dark', at: '#/alerts?status=any', options: { viewport: desk, colorScheme: 'dark' }, ready: list },
    { name: 'alert', at: `#/alerts/${alert.id}`, options: { viewport: { ...desk, height: 900 }, colorScheme: 'light' }, ready: open },
    { name: 'phone', at: '#/alerts?status=any', options: { ...phone, colorScheme: 'light' }, ready: list },
  ];
}

async function triage(engine: TestEngine, id: string, change: object): Promise<void> {
  const headers = { 'content-type': 'application/json', 'if-match': '*' };
  const answer = await fetch(`${engine.url()}/v1/alerts/${id}`, { method: 'PATCH', headers, body: JSON.stringify(change) });
  if (!answer.ok) throw new Error(await answer.text());
}

await using engine = await startEngine({ rules: {}, env: { WEIR_RULES: rules }, program: shippedProgram });
await engine.start('up');
await engine.send(await shippedTraffic(rules, Date.now()));
await engine.quiet();
const alerts = await engine.alerts();
const main = alerts.find(({ rule }) => rule.id === 'account-takeover-cash-out')!;
const others = alerts.filter((one) => one !== main);
await triage(engine, main.id, { status: 'acknowledged', assignee: 'ann', note: 'Calling the customer before the transfer settles.' });
for (const [i, { id }] of others.slice(0, 6).entries()) {
  if (i % 3 === 0) await triage(engine, id, { status: 'acknowledged', assignee: i === 0 ? 'ben' : 'ann' });
  else await triage(engine, id, { status: 'closed', verdict: i === 4 ? 'false_positive' : 'true_positive' });
}

await using browser = await openBrowser();
mkdirSync(folder, { recursive: true });
for (const { name, at, options, ready } of pictures(main)) {
  await using visited = await visit(browser, `${engine.url()}/${at}`, { reducedMotion: 'reduce', ...options });
  await ready(visited.page);
  await visited.page.screenshot({ path: join(folder, `console-${name}.png`) });
  process.stdout.write(`docs/images/console-${name}.png\n`);
  for (const complaint of visited.complaints) process.stderr.write(`${complaint}\n`);
}
