/** `weir keys` as a program: on a configured Redis, and on an embedded one that is or is not running. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { openAuditLog } from '../../../engine/redis/access/audit.ts';
import { keys } from '../../../engine/redis/keys.ts';
import { start, until } from '../../support/processes.ts';
import { ownRedis } from '../../support/own-redis.ts';

const weir = join(import.meta.dirname, '../../../bin/weir');
const base = mkdtempSync(join(tmpdir(), 'weir-keys-'));
const { server, redis } = await ownRedis();
afterAll(() => rmSync(base, { recursive: true }));

type Env = Record<string, string>;
async function run(args: readonly string[], env: Env = {}): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(weir, ['keys', ...args], { cwd: base, env: { PATH: process.env['PATH'], REDIS_URL: server.url, ...env } });
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

it('creates, lists and revokes keys', async () => {
  const made = await run(['create', 'shop', '--scope', 'ingest', '--expires', '90d']);
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^weir_[0-9A-Za-z]{40}\n$/) });
  expect(made.stderr).toMatch(/Created shop with ingest until .*\nThis is the first key/);
  const json = await run(['create', 'soc', '--scope', 'triage', '--scope', 'read', '--json']);
  expect(JSON.parse(json.stdout)).toEqual({
    name: 'soc',
    scopes: ['read', 'triage'],
    expires: null,
    secret: expect.stringMatching(/^weir_/),
  });
  expect(json.stderr).not.toContain('first key');

  const stored = await redis.hgetall(keys.apiKeys);
  expect(JSON.parse(stored['shop']!)).toMatchObject({ hash: hashOf(made.stdout.trim()), by: 'weir keys' });
  expect(JSON.stringify(stored)).not.toContain(made.stdout.trim().slice(5));

  expect((await run(['revoke', 'shop'])).stderr).toContain('Revoked shop');
  expect((await run(['revoke', 'shop'])).stderr).toContain('was already revoked');
  const { stdout } = await run(['list'], { WEIR_KEYS: 'ops:admin=0123456789abcdef' });
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
    ['ops', 'in-force', 'settings', 'admin'],
    ['shop', 'revoked', 'made', 'ingest'],
    ['soc', 'in-force', 'made', 'read+triage'],
    [''],
  ]);
  const { entries } = await openAuditLog(redis).list({ limit: 10, after: undefined });
  expect(entries.map(({ who, action, subject }) => [who, action, subject]).toReversed()).toEqual([
    ['weir keys', 'key.create', 'shop'],
    ['weir keys', 'key.create', 'soc'],
    ['weir keys', 'key.revoke', 'shop'],
    ['weir keys', 'key.revoke', 'shop'],
  ]);
});

it.each([
  [['create', 'soc', '--scope', 'read'], 1, 'the key name soc is taken'],
  [['create', 'ops', '--scope', 'read'], 1, 'the key name ops is taken'],
  [['revoke', 'ops'], 1, 'is defined in WEIR_KEYS'],
  [['revoke', 'nobody'], 1, 'unknown key nobody'],
  [['create', 'x'], 2, '--scope is required'],
  [['create', '--scope', 'read'], 2, 'NAME is required'],
  [['create', 'a b', '--scope', 'read'], 2, 'NAME must be 1 to 64 characters'],
  [['create', 'x', '--scope', 'root'], 2, '--scope takes one or more of ingest, read, triage, siem, admin'],
  [['create', 'x', '--scope', 'read', '--expires', 'soon'], 2, '--expires takes'],
  [['create', 'x', '--scope', 'read', '--expires', '2020-01-01T00:00:00Z'], 2, 'in the past'],
  [['list', '--new'], 2, '--new cannot be used with list'],
  [['hash', 'x'], 2, 'must be used together'],
  [['hash'], 2, 'no valid secret on stdin'],
  [['remove', 'x'], 2, "unknown subcommand 'remove'"],
])('%j exits with %i: %s', async (args, code, message) => {
  const answer = await run(args, { WEIR_KEYS: 'ops=0123456789abcdef' });
  expect(answer).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
});

describe('hash', () => {
  it('prints the configuration entry for a secret', async () => {
    const child = spawn(weir, ['keys', 'hash', 'soc', '--scope', 'read+triage'], { cwd: base });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
    child.stdin.end('my-own-random-secret\n');
    await new Promise((resolve) => child.once('close', resolve));
    expect(stdout).toBe(`soc:read+triage=sha256:${hashOf('my-own-random-secret')}\n`);
  });

  it('can make a new secret, which it shows', async () => {
    const { secret, entry } = JSON.parse((await run(['hash', '--new', '--json'])).stdout) as { secret: string; entry: string };
    expect(entry).toBe(`sha256:${hashOf(secret)}`);
  });
});

it('works on the embedded Redis before the engine starts, and while it runs', async () => {
  const env: Env = { REDIS_URL: '', WEIR_DATA: join(base, 'data'), WEIR_PORT: '0', WEIR_RULES: base };
  const boss = (await run(['create', 'boss', '--scope', 'admin'], env)).stdout.trim();
  const engine = start(weir, ['up'], { cwd: base, env: { PATH: process.env['PATH'], ...env } });
  try {
    await until(() => engine.stderr().includes('listening on ') || engine.process.exitCode !== null);
    const url = /listening on (\S+)/.exec(engine.stderr())![1]!;
    const status = async (secret: string): Promise<number> =>
      (await fetch(`${url}/v1/alerts`, { headers: { authorization: `Bearer ${secret}` } })).status;
    expect(await status(boss)).toBe(200);
    const soc = (await run(['create', 'soc', '--scope', 'read'], env)).stdout.trim();
    await until(async () => (await status(soc)) === 200);
    await run(['revoke', 'soc'], env);
    await until(async () => (await status(soc)) === 401);
    const explained = start(weir, ['explain', 'al_none', '--url', url], {
      cwd: base,
      env: { PATH: process.env['PATH'], ...env, WEIR_TOKEN: boss },
    });
    await explained.ended;
    expect(explained.stderr()).toContain('has no alert al_none');
    const without = start(weir, ['explain', 'al_none', '--url', url], { cwd: base, env: { PATH: process.env['PATH'], ...env } });
    await without.ended;
    expect(without.stderr()).toMatch(/answered 401.*\n.*WEIR_TOKEN/);
    const listed = async (token: string): Promise<readonly [number | null, string]> => {
      const child = start(weir, ['webhooks', 'test', '--api', url], {
        cwd: base,
        env: { PATH: process.env['PATH'], ...env, WEIR_TOKEN: token },
      });
      return [(await child.ended).code, child.stderr()];
    };
    expect(await listed(boss)).toEqual([0, expect.stringContaining('No webhook targets')]);
    const shop = (await run(['create', 'shop', '--scope', 'ingest'], env)).stdout.trim();
    await until(async () => (await status(shop)) === 403);
    expect(await listed(shop)).toEqual([1, expect.stringMatching(/answered 403.*\n.*WEIR_TOKEN.* with the scope read/)]);
  } finally {
    engine.process.kill('SIGTERM');
    await engine.ended;
  }
});
