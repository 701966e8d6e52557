/** `weir webhooks`, and the whole path: a file of targets, a running engine, an event, a message that verifies. */
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shippedProgram, startEngine, type TestEngine } from '../../support/engine.ts';
import { start, until, type Child } from '../../support/processes.ts';
import { answer, startReceiver, type Receiver } from '../../support/receiver.ts';
import { secret } from '../../deliver/webhooks/deliverer.support.ts';
import { testFolder } from '../explain/explain.support.ts';

const folder = testFolder();
const program = join(import.meta.dirname, '../../../bin/weir');
const rules = { 'jackpot.yaml': 'id: jackpot\nlevel: high\nconditions: { all: [{ fact: kind, operator: equal, value: jackpot }] }\n' };

let receiver: Receiver;
let engine: TestEngine;
let up: Child;
beforeAll(async () => {
  receiver = await startReceiver({ secret });
  const file = folder.put(
    'webhooks.yaml',
    `- { id: soar, url: "${receiver.url}", secret: "${secret}", min_level: high }\n- { id: chat, form: slack, url: "${receiver.url}", rules: [jackpt] }\n`,
  );
  engine = await startEngine({ rules, program: shippedProgram, env: { WEIR_WEBHOOKS: file, WEIR_WEBHOOKS_ALLOW: '127.0.0.1' } });
  up = await engine.start('up');
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

async function weir(args: readonly string[], env: Record<string, string> = {}) {
  const child = start(program, ['webhooks', ...args], { cwd: folder.path, env: { PATH: process.env['PATH'] ?? '', ...env } });
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

it('turns an event into one alert, and the alert into one message that verifies', async () => {
  await engine.send([{ id: 'e1', time: Date.UTC(2026, 5, 1), kind: 'jackpot', user: 'u' }]);
  await engine.send([{ id: 'e1', time: Date.UTC(2026, 5, 1), kind: 'jackpot', user: 'u' }]);
  await until(() => receiver.taken.length > 0);
  await engine.quiet();
  const [alert] = await engine.alerts();
  expect(receiver.received).toMatchObject([{ id: alert!.id, verified: true, body: { type: 'alert.created', data: { id: alert!.id } } }]);
  // It is in the SIEM queue as well.
  expect((await engine.leaseAll()).map(({ id }) => id)).toEqual([alert!.id]);
  const metrics = await (await fetch(`${engine.url()}/metrics`)).text();
  expect(metrics).toContain('weir_webhook_deliveries_total{result="delivered"} 1');
  expect(metrics).toContain('weir_webhook_targets{state="fine"} 2');
  expect(metrics).toContain('weir_webhook_waiting_deliveries 0');
});

it('delivers all later alerts to a target created through the API', async () => {
  await using other = await startReceiver();
  const made = await fetch(`${engine.url()}/v1/webhooks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id: 'late', url: other.url }),
  });
  expect(made.status).toBe(201);
  await engine.send([{ id: 'e2', time: Date.UTC(2026, 5, 1, 1), kind: 'jackpot', user: 'u' }]);
  await until(() => other.taken.length > 0);
  expect(other.received).toHaveLength(1);
  expect((await fetch(`${engine.url()}/v1/webhooks/late`, { method: 'DELETE' })).status).toBe(204);
});

it('lists the targets of the running engine, without secrets', async () => {
  const { code, stdout, stderr } = await weir(['list', '--api', engine.url()]);
  expect(code).toBe(0);
  const warning = 'rules: unknown rule "jackpt"; did you mean jackpot?';
  expect(stderr).toBe(`chat: warning: ${warning}\n`);
  expect(stdout).toContain(`soar  fine      standard  ${receiver.url}`);
  expect(stdout).toMatch(/^chat {2}fine {6}slack {2}http:\/\/127\.0\.0\.1:\d+\/\*\*\*\*hook$/m);
  expect(stdout).not.toContain(secret);
  const json = await weir(['list', '--json', '--api', engine.url()]);
  expect(
    json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toMatchObject([
    { id: 'chat', warnings: [warning] },
    { id: 'soar', warnings: [] },
  ]);
});

it('logs a warning once when the file starts to name a rule that does not exist or is not live', async () => {
  const put = (text: string) => writeFileSync(join(engine.rulesPath, 'more.yaml'), text);
  const ruleIds = async () =>
    ((await (await fetch(`${engine.url()}/v1/rules`)).json()) as { rules: { id: string }[] }).rules.map(({ id }) => id);
  const rule = rules['jackpot.yaml'];
  put(rule.replace('jackpot', 'jackpots'));
  await until(async () => (await ruleIds()).includes('jackpots'));
  put(rule.replace('jackpot\n', 'jackpt\nstatus: draft\n'));
  const warned = () =>
    up
      .stderr()
      .split('\n')
      .filter((line) => line.includes('"msg":"webhook '))
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
  await until(() => warned().length > 1);
  expect(warned()).toEqual([
    'webhook chat: rules: unknown rule "jackpt"; did you mean jackpot?',
    'webhook chat: rules: jackpt is draft; its alerts are not sent until it is live',
  ]);
});

describe('test', () => {
  it('sends to all targets, to one, and to one that fails', async () => {
    const before = receiver.received.length;
    expect(await weir(['test', '--api', engine.url()])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^delivered {2}chat: .*\ndelivered {2}soar: /) as string,
    });
    expect(receiver.received.length - before).toBe(2);
    expect((await weir(['test', 'soar', '--api', engine.url()])).stdout).toMatch(
      /^delivered {2}soar: the target answered 200 \(\d+ ms\)\n$/,
    );
    receiver.next(answer(500));
    expect(await weir(['test', 'soar', '--json', '--api', engine.url()])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('"target":"soar","delivered":false,"result":"failed"') as string,
    });
    expect(await weir(['test', 'none', '--api', engine.url()])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('unknown webhook target none') as string,
    });
  });

  it('sends to a URL without an engine', async () => {
    await using own = await startReceiver({ secret });
    const env = { WEIR_WEBHOOKS_ALLOW: '127.0.0.1' };
    expect((await weir(['test', '--url', own.url, '--secret', secret], env)).code).toBe(0);
    expect(own.received).toMatchObject([{ verified: true }]);
    expect(await weir(['test', '--url', own.url, '--form', 'slack'], env)).toMatchObject({ code: 0, stderr: '' });
    expect((await weir(['test', '--url', own.url], env)).stderr).toMatch(/^signed with whsec_/);
  });

  it('refuses a URL that is not allowed', async () => {
    expect(await weir(['test', '--url', receiver.url])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('127.0.0.1 is a loopback address; to allow it: WEIR_WEBHOOKS_ALLOW=127.0.0.1') as string,
    });
    expect(await weir(['test', '--url', 'https://intranet.localhost/', '--form', 'slak'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--form: must be one of[^]*--url: intranet\.localhost is a loopback address/) as string,
    });
  });
});

it.each([[[]], [['lst']], [['list', 'x']], [['test', 'soar', '--url', 'https://a.example']], [['test', '--colour']]])(
  '%j is wrong usage',
  async (args) => {
    expect((await weir(args)).code).toBe(2);
  },
);

it('reports an engine that does not answer', async () => {
  expect(await weir(['list', '--api', 'http://127.0.0.1:1'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('does not answer') as string,
  });
});

describe('an invalid file keeps the engine from starting, and is reported with', () => {
  const upWith = async (file: string) => {
    const child = start(program, ['up'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'], WEIR_WEBHOOKS: file, REDIS_URL: engine.server.url },
    });
    return { ...(await child.ended), stderr: child.stderr() };
  };
  it('all its problems', async () => {
    const file = join(folder.path, 'bad.yaml');
    writeFileSync(file, `- id: a\n  url: http://10.0.0.1/\n  secret: nosecret\n`);
    const { code, stderr } = await upWith(file);
    expect(code).toBe(78);
    expect(stderr).toContain('2 problems in the webhook targets');
    expect(stderr).toContain(`${file}:2:8: a: url: 10.0.0.1 is a private address`);
    expect(stderr).toContain(`${file}:3:11: a: secret: must be whsec_`);
    expect(stderr).not.toContain('nosecret');
  });
  it('the reason why it cannot be read', async () => {
    expect(await upWith(join(folder.path, 'none.yaml'))).toMatchObject({
      code: 78,
      stderr: expect.stringContaining('WEIR_WEBHOOKS: ENOENT') as string,
    });
  });
});
