/**
 * Sends keys where a client should not put them, and texts that try to forge log lines, to a whole engine that logs at
 * the lowest level. No answer contains a secret, except the one that issues it; no log line contains one, and each log
 * line is one JSON object.
 */
import { expect, it } from 'vitest';
import { keys } from '../../engine/redis/keys.ts';
import { startEngine } from '../support/engine.ts';
import { rawConnect } from '../support/raw-http.ts';

const rules = { 'any.yaml': 'id: any\nconditions: { all: [{ fact: kind, operator: exists, value: true }] }\n' };
const chosen = 'chosen-by-somebody.0123456789';
const nasty = '\u001b]0;owned\u0007\r\n{"level":30,"msg":"forged"}\r\n\u009b31m\u202e';

type Answer = { readonly what: string; readonly status: number; readonly text: string };

it('never shows a secret again, wherever it was sent, and lets no text forge a log line', async () => {
  await using engine = await startEngine({
    rules,
    env: { WEIR_KEYS: `boss:admin=${chosen}`, WEIR_LOG_LEVEL: 'trace', WEIR_HOST: '127.0.0.1' },
  });
  const processes = [await engine.start('up')];
  expect(processes[0]!.stderr()).not.toContain('there are no keys');
  const url = engine.url();
  const answers: Answer[] = [];

  async function ask(what: string, path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Answer> {
    const answer = await fetch(url + path, init);
    const found = { what, status: answer.status, text: `${JSON.stringify([...answer.headers])}\n${await answer.text()}` };
    answers.push(found);
    return found;
  }
  const boss = { authorization: `Bearer ${chosen}` };
  const json = { 'content-type': 'application/json' };
  const post = (what: string, path: string, body: string, headers: Record<string, string> = {}) =>
    ask(what, path, { method: 'POST', body, headers: { ...boss, ...json, ...headers } });

  const handed = await post('made', '/v1/keys', JSON.stringify({ name: 'soc', scopes: ['read'] }));
  const secret = /weir_[0-9A-Za-z]{40}/.exec(handed.text)![0];
  answers.pop();

  for (const word of [secret, chosen]) {
    const basic = `Basic ${Buffer.from(`soc:${word}`).toString('base64')}`;
    await ask('query', `/v1/alerts?key=${word}`);
    await ask('query, with a key', `/v1/alerts?access_token=${word}`, { headers: boss });
    await ask('name of a parameter', `/v1/alerts?${word}=1`, { headers: boss });
    await ask('filter', `/v1/alerts?entity=${word}`, { headers: boss });
    await ask('cursor', `/v1/alerts?cursor=${word}`, { headers: boss });
    await ask('path', `/v1/alerts/${word}`, { headers: boss });
    await ask('path, without a key', `/v1/alerts/${word}`);
    await ask('escaped path', `/v1/rules/${word.replace('_', '%5F')}`, { headers: boss });
    await ask('nothing there', `/${word}/${word}`, { headers: boss });
    await ask('key to revoke', `/v1/keys/${word}`, { method: 'DELETE', headers: boss });
    await ask('not well encoded', `/v1/${word}/%zz`, { headers: boss });
    await ask('Basic', '/v1/alerts', { headers: { authorization: basic } });
    await ask('another word', '/v1/alerts', { headers: { authorization: `Token ${word}` } });
    await ask('twice', '/v1/alerts', { headers: { authorization: `Bearer ${word} ${word}` } });
    await ask('another header', '/v1/audit', {
      headers: { 'x-api-key': word, cookie: `key=${word}`, referer: `http://x/?k=${word}`, 'user-agent': word },
    });
    await ask('scope', '/v1/audit', { headers: { authorization: `Bearer ${secret}`, 'x-request-id': word } });
    await post('dataset', `/v1/events?dataset=${word}`, '{}');
    await post('dataset, too long', `/v1/events?dataset=${word.repeat(9)}`, '{}');
    await post('media type', '/v1/events', '{}', { 'content-type': `text/${word}` });
    await post('idempotency key', '/v1/events', '[{}]', { 'idempotency-key': word.repeat(9) });
    await post('no JSON', '/v1/events', `{"a": ${word}`);
    await post('time', '/v1/events', JSON.stringify({ id: '1', '@timestamp': word }));
    await post('id', '/v1/events', JSON.stringify({ id: { [word]: word } }));
    await post('body', '/v1/siem/lease', JSON.stringify({ [word]: word }));
    await post('lease', '/v1/siem/ack', JSON.stringify({ leases: [word.repeat(20)] }));
    await post('name of a key', '/v1/keys', JSON.stringify({ name: `${word}!`, scopes: [word] }));
    await post('rule', '/v1/rules/test', JSON.stringify({ rules: `id: ${word}`, events: word }));
    await post('filter of a triage', '/v1/alerts/triage', JSON.stringify({ filter: { entity: word }, change: { note: word } }));
    await post('filters of a triage', '/v1/alerts/triage', JSON.stringify({ filter: { [word]: word }, change: { [word]: word } }));
    await ask('alert', `/v1/alerts/${word}`, {
      method: 'PATCH',
      body: `{"note":"${word}"}`,
      headers: { ...boss, ...json, 'if-match': word },
    });
    await ask('stream', `/v1/alerts/stream?rule=${word}&limit=${word}`, { headers: { ...boss, 'last-event-id': word } });
    await post('dead letter', `/v1/dead-letters/${word}/retry`, '{}');
    await post('dead letters', '/v1/dead-letters/discard', JSON.stringify({ ids: [word], [word]: word }));
    await post('webhook', '/v1/webhooks', JSON.stringify({ id: word, url: `ftp://${word}`, secret: word, headers: { [word]: word } }));
    await post('delivery', `/v1/webhooks/${word}/deliveries/${word}/replay`, '{}');
    const port = Number(new URL(url).port);
    const raw = await rawConnect(port);
    raw.send(`GET /v1/alerts?${word} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${word}\r\nx${nasty}: 1\r\n\r\n`);
    answers.push({ what: 'no HTTP', status: 0, text: await raw.closed() });
  }
  for (const path of ['/v1/rules', '/v1/keys', '/v1/audit', '/v1/dead-letters', '/v1/webhooks', '/v1/siem', '/metrics', '/openapi.json'])
    await ask(path, path, { headers: boss });
  expect(answers.filter(({ status }) => status >= 500).map(({ what, text }) => [what, text])).toEqual([]);
  expect(answers.filter(({ status }) => status >= 400).length).toBeGreaterThan(40);
  for (const { what, text } of answers) {
    expect(text, what).not.toContain(secret.slice(5));
    expect(text, what).not.toContain(chosen);
  }

  // A secret that Weir made is also removed from alerts and dead letters.
  await post(
    'events',
    '/v1/events',
    JSON.stringify([
      { id: '1', kind: nasty, [nasty]: secret },
      { id: '2', kind: secret, fault: 'throw' },
    ]),
    {
      'user-agent': 'x\u00a0"}{"level":60,"msg":"forged"}',
    },
  );
  await engine.quiet();
  const alerts = await ask('alerts', '/v1/alerts', { headers: boss });
  const letters = await ask('dead letters', '/v1/dead-letters', { headers: boss });
  expect(alerts.text).toContain('"rule":{"id":"any"');
  expect(letters.text).toContain('this event cannot be matched');
  for (const { text } of [alerts, letters]) expect(text).not.toContain(secret.slice(5));
  expect(JSON.stringify(await engine.redis.xrange(keys.audit, '-', '+'))).not.toContain(secret.slice(5));

  for (const child of processes) {
    child.process.kill('SIGTERM');
    await child.ended;
    const lines = child.stderr().split('\n').slice(0, -1);
    const logged = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as { msg: string; reason?: string });
    for (const reason of ['no-key', 'malformed-key', 'missing-scope']) expect(logged.map((line) => line.reason)).toContain(reason);
    expect(logged.filter(({ msg }) => msg.includes('forged'))).toEqual([]);
    // Lines that are not JSON are notices of the command itself.
    expect(lines.filter((line) => !line.startsWith('{') && !line.startsWith('weir: ') && !line.startsWith('Redis: '))).toEqual([]);
    expect(lines.join('')).not.toMatch(/\p{Cc}/u);
    expect(child.stderr()).not.toContain(secret.slice(5));
    expect(child.stderr()).not.toContain(chosen);
    expect(child.stdout()).toBe('');
  }
});

it('says so when there are no keys, and refuses requests from pages of another origin', async () => {
  await using engine = await startEngine({ rules });
  const api = await engine.start('api');
  expect(api.stderr()).toContain('weir: there are no keys: the API serves this machine only');
  const post = (headers: Record<string, string>) =>
    fetch(`${engine.url()}/v1/events`, { method: 'POST', body: '{"id":"1"}', headers: { 'content-type': 'text/plain', ...headers } });
  expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
  expect((await post({ origin: engine.url() })).status).toBe(202);
  const metrics = await (await fetch(`${engine.url()}/metrics`)).text();
  expect(metrics).toContain('weir_api_refused_requests_total{reason="foreign-origin"} 1');
  expect(metrics).toContain('weir_api_refused_requests_total{reason="no-key"} 0');
});
