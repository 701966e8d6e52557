/** Events with hostile text: nothing is executed, nothing is sent elsewhere, nothing stays invisible. */
import { expect, test } from 'vitest';
import { live, openConsole, rowOf } from '../../support/console.ts';
import { until } from '../../support/processes.ts';

const payloads = [
  '<img src=x onerror="globalThis.pwned=1">',
  '<script>globalThis.pwned=1</script>',
  '"><svg/onload=globalThis.pwned=1>',
  'javascript:globalThis.pwned=1',
  '<link rel=stylesheet href=http://192.0.2.99/a.css><style>@import "http://192.0.2.99/b.css"</style>',
  '{{constructor.constructor("globalThis.pwned=1")()}}',
  '</textarea></title><iframe src=http://192.0.2.99/></iframe>',
];

test('hostile strings execute nothing, violate no policy, and cause no requests to other hosts', async () => {
  await using weir = await openConsole();
  await using visit = await weir.visit();
  const { page, requests, complaints } = visit;
  await live(page);
  const fields = Object.fromEntries(payloads.map((text) => [text, { [text]: [text] }]));
  const alerts = [];
  for (const text of payloads) alerts.push(await weir.odd({ ...fields, 'event.id': text, 'user.name': text }));
  await page.getByRole('button', { name: /^Show \d+ new alerts$/ }).click();
  for (const alert of alerts) {
    await rowOf(page, alert).waitFor();
    await page.goto(`${weir.engine.url()}/#/alerts/${alert.id}`);
    await page.getByText(alert.message, { exact: true }).waitFor();
    await page.locator('.event summary').click();
    await page.locator('.event pre').waitFor();
    await page.keyboard.press('n');
    await page.getByRole('dialog').getByLabel('Note').fill(payloads.join('\n'));
    await page.keyboard.press('Control+Enter');
    await page.locator('.history blockquote').waitFor();
    await page.goto(`${weir.engine.url()}/#/alerts`);
  }
  await page.goto(
    `${weir.engine.url()}/#/alerts?rule=${encodeURIComponent(payloads[0]!)}&entity=${encodeURIComponent(`a:${payloads[1]}`)}`,
  );
  await page.getByText('No matching alerts').waitFor();
  await page.goto(`${weir.engine.url()}/#/alerts/${encodeURIComponent(payloads[0]!)}`);
  await page.getByText('no alert with the id').waitFor();
  expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
  expect(await page.locator('main script, main iframe, main img, main link, main style').count()).toBe(0);
  expect(complaints).toEqual([]);
  expect(requests.length).toBeGreaterThan(20);
  expect(requests.filter((url) => !url.startsWith(`${weir.engine.url()}/`))).toEqual([]);
});

test('the content security policy blocks markup from a string and requests to other hosts', async () => {
  await using weir = await openConsole();
  await using visit = await weir.visit();
  const { page, complaints } = visit;
  await live(page);
  await page.evaluate(`(() => {
    try { document.body.innerHTML = '<b>x</b>'; } catch { globalThis.refused = true; }
    const image = new Image();
    image.src = 'http://192.0.2.99/pixel';
    document.body.append(image);
  })()`);
  expect(await page.evaluate('globalThis.refused')).toBe(true);
  const stopped = (text: string): boolean => text.includes('192.0.2.99') && text.includes('Content Security Policy');
  await until(() => complaints.some(stopped));
  expect(complaints.join('\n')).toContain('TrustedHTML');
});

test('shows invisible characters by name, and cuts long texts until the rest is requested', async () => {
  await using weir = await openConsole();
  const name = `ann\u202Egpj.exe\u0000\u200B${'x'.repeat(3000)}\u2066`;
  const alert = await weir.odd({ 'user.name': name, 'other\u202E': 'line\nbreak' });
  await using visit = await weir.visit();
  const { page } = visit;
  await rowOf(page, alert).waitFor();
  expect(await rowOf(page, alert).locator('.unseen').allTextContents()).toEqual(['U+202E', 'NUL', 'U+200B']);
  await page.goto(`${weir.engine.url()}/#/alerts/${alert.id}`);
  const message = page.locator('.message');
  await message.waitFor();
  expect(await message.textContent()).toContain('annU+202Egpj.exe');
  const before = (await message.textContent())!.length;
  await message.getByRole('button', { name: /more$/ }).click();
  await message.getByText('U+2066').waitFor();
  expect((await message.textContent())!.length).toBeGreaterThan(before);
  await page.locator('.event summary').click();
  expect(await page.locator('.event pre').textContent()).toContain('"otherU+202E": "line\\nbreak"');
  expect(await page.title()).not.toContain('\u202E');
  expect(await page.evaluate('document.body.innerText')).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\0]/);
});
