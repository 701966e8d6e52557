/** Accessibility of the console: phones, both colour schemes, screen readers, reduced motion. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Alert } from '../../../engine/core/alert/alert.ts';
import { live, openConsole, type TestConsole } from '../../support/console.ts';

let weir: TestConsole;
let alert: Alert;
beforeAll(async () => {
  weir = await openConsole();
  alert = await weir.takeover('u1');
  await weir.cards('192.0.2.1');
  const long = await weir.odd({ 'user.name': 'a-name-without-any-place-to-break-it'.repeat(20), nested: { deep: 'y'.repeat(500) } });
  await weir.api('PATCH', `/v1/alerts/${long.id}`, { note: 'z'.repeat(600), assignee: 'w'.repeat(100) }, { 'if-match': '*' });
  longest = long;
});
let longest: Alert;
afterAll(() => weir[Symbol.asyncDispose]());

const views: readonly [name: string, at: () => string, ready: (page: Page) => Promise<unknown>][] = [
  ['the list', () => '#/alerts?status=any', (page) => page.locator('.alert').nth(2).waitFor()],
  ['an alert', () => `#/alerts/${alert.id}`, (page) => page.locator('.step').first().waitFor()],
  ['an alert of long values', () => `#/alerts/${longest.id}`, (page) => page.locator('.event').first().waitFor()],
  ['the rules', () => '#/rules', (page) => page.locator('tbody tr').first().waitFor()],
];

const findings = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(
    'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })',
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical' || impact === 'moderate')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`));
};

test('the accessibility check finds violations', async () => {
  await using visit = await weir.visit();
  await visit.page.locator('.list').waitFor();
  await visit.page.evaluate(`(() => {
    const bad = document.createElement('button');
    const pale = document.createElement('p');
    pale.textContent = 'hard to read';
    pale.style.color = '#bbb';
    document.querySelector('.list').append(bad, pale);
  })()`);
  const found = await findings(visit.page);
  expect(found.map((text) => text.split(':')[0])).toEqual(expect.arrayContaining(['button-name', 'color-contrast']));
});

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  test.each(views)('%s is accessible', async (_, at, ready) => {
    await using visit = await weir.visit(at(), { colorScheme });
    await ready(visit.page);
    await live(visit.page);
    expect(await findings(visit.page)).toEqual([]);
  });

  test('dialogs and messages are accessible', async () => {
    await using visit = await weir.visit(`#/alerts/${alert.id}`, { colorScheme });
    const { page } = visit;
    await page.locator('.step').first().waitFor();
    for (const key of ['?', 'c', 'n', 's']) {
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      expect(await findings(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.keyboard.press('o');
    await page.getByText('Already open').waitFor();
    expect(await findings(page)).toEqual([]);
  });

  test('follows the colour scheme of the system until another one is chosen', async () => {
    await using visit = await weir.visit('', { colorScheme });
    const ground = (): Promise<string> => visit.page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const [light, dark] = ['rgb(244, 245, 246)', 'rgb(18, 21, 24)'];
    await visit.page.locator('.list').waitFor();
    expect(await ground()).toBe(colorScheme === 'light' ? light : dark);
    const other = visit.page.getByRole('button', { name: /^Colours: / });
    await other.click();
    expect(await ground()).toBe(light);
    await other.click();
    expect(await ground()).toBe(dark);
    await visit.page.reload();
    await visit.page.locator('.list').waitFor();
    expect(await ground()).toBe(dark);
  });
});

describe('on a phone', () => {
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

  test.each(views)('%s is no wider than the page', async (_, at, ready) => {
    await using visit = await weir.visit(at(), phone);
    const { page } = visit;
    await ready(page);
    await live(page);
    if (at().startsWith('#/alerts/')) await page.locator('.event summary').first().click();
    expect(await page.evaluate('[document.documentElement.scrollWidth, document.documentElement.clientWidth]')).toEqual([360, 360]);
    expect(await findings(page)).toEqual([]);
  });

  test('dialogs fit, and triage works by touch', async () => {
    await using visit = await weir.visit(`#/alerts/${longest.id}`, phone);
    const { page } = visit;
    await page.getByRole('button', { name: 'Close', exact: true }).tap();
    const dialog = page.getByRole('dialog');
    const box = (await dialog.boundingBox())!;
    expect([box.x >= 0, box.x + box.width <= 360]).toEqual([true, true]);
    await dialog.getByRole('button', { name: 'Duplicate' }).tap();
    await page.locator('.detail .status.closed', { hasText: 'Duplicate' }).waitFor();
  });
});

test('has no animations with reduced motion', async () => {
  await using visit = await weir.visit(`#/alerts/${alert.id}`, { reducedMotion: 'reduce' });
  await visit.page.locator('.step').first().waitFor();
  await visit.page.keyboard.press('o');
  await visit.page.locator('.toast').waitFor();
  expect(await visit.page.evaluate('document.getAnimations().length')).toBe(0);
});

test('keyboard shortcuts can be disabled, for users of speech input', async () => {
  await using visit = await weir.visit(`#/alerts/${alert.id}`);
  const { page } = visit;
  await page.locator('.step').first().waitFor();
  await page.keyboard.press('?');
  await page.getByLabel('Enable keyboard shortcuts').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('u');
  await page.keyboard.press('c');
  expect([await page.getByRole('dialog').count(), page.url().endsWith(alert.id)]).toEqual([0, true]);
});
