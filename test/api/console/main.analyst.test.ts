/** An analyst's work with the console, in a real browser on a real engine. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { live, openConsole, rowOf, type TestConsole } from '../../support/console.ts';

let weir: TestConsole;
beforeAll(async () => {
  weir = await openConsole();
});
afterAll(() => weir[Symbol.asyncDispose]());

const stored = async (id: string) =>
  (await weir.api('GET', `/v1/alerts/${id}`)).body as { status: string; verdict?: string; assignee?: string; history: { note?: string }[] };

test('an alert arrives live, and is opened, acknowledged and closed with a verdict by keyboard', async () => {
  await using visit = await weir.visit();
  const { page } = visit;
  await live(page);
  await page.getByText('No matching alerts').waitFor();
  const alert = await weir.takeover('u1');
  await rowOf(page, alert).waitFor();

  await page.keyboard.press('j');
  expect(await rowOf(page, alert).locator('a:focus').count()).toBe(1);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Failed logins, then a payment' }).waitFor();
  expect(page.url()).toContain(`#/alerts/${alert.id}`);
  await page.getByText('guess ×2, then payout for user.id=u1').waitFor();

  // The evidence: lanes by step, and each event with its time, step and text.
  expect(await page.locator('.lane-name').allTextContents()).toEqual(['guess', 'payout']);
  expect(await page.locator('.event .when').allTextContents()).toEqual([
    '2026-01-01 01:00:00',
    '2026-01-01 01:00:10',
    '2026-01-01 01:10:00',
  ]);
  expect(await page.locator('.event .since').allTextContents()).toEqual(['', '+10s', '+10m']);
  expect(await page.locator('.event .step').allTextContents()).toEqual(['guess', 'guess', 'payout']);
  await page.locator('.event summary').last().click();
  await page.locator('.event pre', { hasText: '"account.owner": "u1"' }).waitFor();

  await page.keyboard.press('a');
  await page.locator('.detail .status.acknowledged').waitFor();
  await page.keyboard.press('n');
  await page.getByRole('dialog').getByLabel('Note').fill('asked the customer');
  await page.keyboard.press('Control+Enter');
  await page.locator('.history blockquote', { hasText: 'asked the customer' }).waitFor();
  await page.keyboard.press('c');
  await page.getByRole('dialog').getByRole('button', { name: 'False positive' }).waitFor();
  await page.keyboard.press('2');
  await page.locator('.detail .status.closed', { hasText: 'False positive' }).waitFor();
  expect(await stored(alert.id)).toMatchObject({
    status: 'closed',
    verdict: 'false_positive',
    history: [{}, { note: 'asked the customer' }, {}],
  });

  await page.keyboard.press('u');
  await rowOf(page, alert).locator('a:focus').waitFor();
  expect(visit.complaints).toEqual([]);
});

test('undoes a change: an alert closed by mistake is open again', async () => {
  const alert = await weir.cards('192.0.2.10');
  await using visit = await weir.visit(`#/alerts/${alert.id}`);
  const { page } = visit;
  await page.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('1');
  await page.locator('.detail .status.closed').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.locator('.detail .status.open').waitFor();
  const now = await stored(alert.id);
  expect([now.status, now.verdict, now.history.length]).toEqual(['open', undefined, 2]);
});

test('new alerts do not move the list: a bar counts them, and they are announced', async () => {
  const first = await weir.cards('192.0.2.20');
  await using visit = await weir.visit('#/alerts?entity=source.ip:192.0.2.20');
  const { page } = visit;
  await rowOf(page, first).waitFor();
  await page.goto(`${weir.engine.url()}/#/alerts?rule=card-testing&order=newest`);
  await rowOf(page, first).waitFor();
  await live(page);
  await page.keyboard.press('j');
  const before = await page.locator('.alert').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')));
  const elsewhere = await weir.takeover('u2');
  const second = await weir.cards('192.0.2.21');
  await page.getByRole('button', { name: 'Show 1 new alert' }).waitFor();
  expect(await page.locator('.alert').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')))).toEqual(before);
  await page.locator('#announcer', { hasText: '1 new alert, latest high: Card testing from one address' }).waitFor({ state: 'attached' });
  await page.keyboard.press('.');
  await rowOf(page, second).locator('a:focus').waitFor();
  expect(await page.locator('.alert').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')))).toEqual([
    second.id,
    ...before,
  ]);
  expect(await rowOf(page, elsewhere).count()).toBe(0);
});

test('lists the most urgent first, and keeps the filter in the address, so that it can be shared', async () => {
  const low = await weir.odd({ 'user.name': 'shared' });
  const high = await weir.cards('192.0.2.30');
  const critical = await weir.takeover('u3');
  await using visit = await weir.visit();
  const { page } = visit;
  await rowOf(page, low).waitFor();
  const levels = await page.locator('.alert .level').allTextContents();
  expect(levels).toEqual(levels.toSorted((a, b) => ['critical', 'high', 'low'].indexOf(a) - ['critical', 'high', 'low'].indexOf(b)));
  await page.locator('.chip.high .n', { hasText: /[1-9]/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('card-testing');
  await page.getByLabel('Entity').fill('source.ip:192.0.2.30');
  await page.keyboard.press('Enter');
  await rowOf(page, critical).waitFor({ state: 'detached' });
  await rowOf(page, high).waitFor();
  expect(await page.locator('.alert').count()).toBe(1);
  const address = page.url();
  expect(address).toContain('rule=card-testing');

  await using other = await weir.visit(address.slice(weir.engine.url().length + 1));
  await rowOf(other.page, high).waitFor();
  expect(await other.page.locator('.alert').count()).toBe(1);
  expect(await other.page.getByLabel('Rule', { exact: true }).inputValue()).toBe('card-testing');
});

describe('two analysts at once', () => {
  test("another browser's triage appears in the list and on the alert", async () => {
    const alert = await weir.cards('192.0.2.40');
    await using list = await weir.visit('#/alerts?entity=source.ip:192.0.2.40');
    await using detail = await weir.visit(`#/alerts/${alert.id}`);
    await using other = await weir.visit(`#/alerts/${alert.id}`);
    await rowOf(list.page, alert).waitFor();
    await detail.page.locator('.detail .status.open').waitFor();
    await Promise.all([live(list.page), live(detail.page)]);
    await other.page.getByRole('button', { name: 'Assign' }).click();
    await other.page.getByRole('dialog').getByLabel('Assign to').fill('ben');
    await other.page.keyboard.press('Enter');
    await rowOf(list.page, alert).locator('.assignee', { hasText: 'ben' }).waitFor();
    await other.page.keyboard.press('a');
    await rowOf(list.page, alert).locator('.status.acknowledged').waitFor();
    await detail.page.locator('.detail .status.acknowledged').waitFor();
    await detail.page.locator('.history li', { hasText: 'Open → acknowledged' }).waitFor();
    expect(await stored(alert.id)).toMatchObject({ status: 'acknowledged', assignee: 'ben' });
  });

  test('the slower one sees the change of the other before overwriting it', async () => {
    const alert = await weir.cards('192.0.2.50');
    await using visit = await weir.visit(`#/alerts/${alert.id}`);
    const { page } = visit;
    await page.locator('.detail .status.open').waitFor();
    // The other's change is made after the alert was read and before the change is sent.
    let slower = true;
    await page.route('**/v1/alerts/*', async (route) => {
      if (route.request().method() !== 'PATCH' || !slower) return route.continue();
      slower = false;
      const done = await weir.api(
        'PATCH',
        `/v1/alerts/${alert.id}`,
        { status: 'closed', verdict: 'benign', note: 'a test of ours' },
        { 'if-match': '"0"' },
      );
      expect(done.status).toBe(200);
      return route.continue();
    });
    await page.keyboard.press('c');
    await page.keyboard.press('1');
    const dialog = page.getByRole('dialog', { name: 'Changed by somebody else' });
    await dialog.getByText('a test of ours').waitFor();
    await dialog.getByText('open → closed, benign').waitFor();
    expect(await stored(alert.id)).toMatchObject({ status: 'closed', verdict: 'benign' });
    await dialog.getByRole('button', { name: 'Close as true positive anyway' }).click();
    await page.locator('.detail .status.closed', { hasText: 'True positive' }).waitFor();
    expect(await stored(alert.id)).toMatchObject({ status: 'closed', verdict: 'true_positive' });
  });
});

test('lists the rules with the counts of their alerts and the problems of their files', async () => {
  const alert = await weir.cards('192.0.2.60');
  await weir.api('PATCH', `/v1/alerts/${alert.id}`, { status: 'closed', verdict: 'true_positive' }, { 'if-match': '*' });
  await using visit = await weir.visit();
  const { page } = visit;
  await page.locator('.list').waitFor();
  await page.keyboard.press('r');
  const cells = page.locator('tr', { hasText: 'card-testing' }).locator('td');
  await cells.first().waitFor();
  const listed = (
    (await weir.api('GET', '/v1/rules')).body as {
      rules: { id: string; counts: { alerts: number; status: Record<string, number>; precision: number } }[];
    }
  ).rules;
  const { counts } = listed.find(({ id }) => id === 'card-testing')!;
  const text = await cells.allTextContents();
  expect(text.slice(1, 5)).toEqual([
    'live',
    'high',
    String(counts.alerts),
    String(counts.status['open']! + counts.status['acknowledged']!),
  ]);
  expect(text[5]).toContain('%');
  await page.getByRole('button', { name: 'Alerts', exact: true }).click();
  expect(await page.locator('th[aria-sort] button').textContent()).toBe('Alerts');
});
