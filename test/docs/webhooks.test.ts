/** The receiver in the documentation works, and its files of targets are valid. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { nothingAllowed, readAllowed } from '../../engine/compile/deliver/egress.ts';
import { readWebhookFile } from '../../engine/compile/deliver/webhook-file.ts';
import { webhookForms } from '../../engine/core/deliver/target.ts';
import { attempt } from '../../engine/deliver/webhooks/attempt.ts';
import { sender, type Outcome } from '../../engine/deliver/webhooks/send.ts';
import { alertOf } from '../support/alerts.ts';
import { secret, targetOf } from '../deliver/webhooks/deliverer.support.ts';
import { freePort } from '../support/free-port.ts';
import { start, until } from '../support/processes.ts';
import { secretOf } from '../../engine/core/deliver/signature.ts';
import { codes, fencesOf, pages, tablesOf, top } from './markdown.ts';

const fences = pages.flatMap(fencesOf);
const folder = mkdtempSync(join(tmpdir(), 'weir-receiver-'));
symlinkSync(join(top, 'node_modules'), join(folder, 'node_modules'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('files of targets have no errors, and show every form', () => {
  const files = fences.filter(({ words }) => words[0] === 'webhooks').map(({ text }) => readWebhookFile(text, nothingAllowed));
  expect(files.flatMap(({ problems }) => problems)).toEqual([]);
  expect(new Set(files.flatMap(({ targets }) => targets.map(({ form }) => form)))).toEqual(new Set(webhookForms));
});

test('every key of a target is described', () => {
  const table = tablesOf('docs/integrating.md').find(([, row]) => row?.[0] === '`id`' && row[1]?.includes('over HTTP'))!;
  expect(table.slice(1).flatMap(([key]) => codes(key!))).toEqual([
    'id',
    'url',
    'form',
    'secret',
    'routing_key',
    'headers',
    'min_level',
    'rules',
    'tags',
    'events',
    'evidence',
  ]);
});

test.each(fences.filter(({ words }) => words[0] === 'receiver').map((fence) => ({ ...fence, at: `${fence.page}:${fence.line}` })))(
  'the receiver of $at takes what is signed, once, and refuses what is not',
  async ({ text }) => {
    const file = join(folder, 'receiver.mjs');
    writeFileSync(file, text);
    const port = await freePort();
    const child = start(process.execPath, [file], { env: { PORT: String(port), WEBHOOK_SECRET: secret } });
    const send = sender({ allow: readAllowed(['127.0.0.1'])! });
    const url = `http://127.0.0.1:${port}/`;
    const alert = alertOf('a', { message: 'hello' });
    const sendOnce = (key: string): Promise<Outcome> =>
      attempt(
        send,
        targetOf('t', url, { secrets: [{ secret: key }] }),
        { alert, event: 'alert.created', atMs: Date.now(), turn: 0 },
        Date.now(),
      );
    await until(async () => (await sendOnce(secret)).result === 'delivered');
    expect(await sendOnce(secret)).toMatchObject({ result: 'delivered', status: 204 });
    expect(await sendOnce(secretOf(Buffer.alloc(32, 1)))).toMatchObject({ result: 'rejected', status: 401 });
    child.process.kill();
    await child.ended;
    expect(child.stdout()).toBe('alert.created al_a card-testing hello\n');
  },
);
