/** `weir doctor` in good and bad environments: every finding has a remedy, and the exit code suits scripts. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../engine/redis/start/checks.ts';
import { version } from '../../../engine/version.ts';
import { start, until } from '../../support/processes.ts';
import { startRedis } from '../../support/redis.ts';

const weir = join(import.meta.dirname, '../../../bin/weir');
const base = mkdtempSync(join(tmpdir(), 'weir-doctor-'));
afterAll(() => rmSync(base, { recursive: true }));
const rules = join(base, 'rules');
mkdirSync(rules);
writeFileSync(join(rules, 'a.yaml'), 'id: a\n');

type Report = { readonly code: number | null; readonly findings: readonly Finding[]; readonly levels: Record<string, string> };

async function examine(env: NodeJS.ProcessEnv = {}): Promise<Report> {
  const child = start(weir, ['doctor', '--json'], {
    cwd: base,
    env: { PATH: process.env['PATH'], WEIR_PORT: '0', WEIR_RULES: rules, ...env },
  });
  const { code } = await child.ended;
  const { ok, findings } = JSON.parse(child.stdout()) as { ok: boolean; findings: Finding[] };
  expect(ok).toBe(code === 0);
  for (const finding of findings) expect(finding.remedy === '', JSON.stringify(finding)).toBe(finding.level === 'ok');
  return { code, findings, levels: Object.fromEntries(findings.map((finding) => [finding.check, finding.level])) };
}
const messageOf = (report: Report, check: string): string => report.findings.find((finding) => finding.check === check)?.message ?? '';

it('finds nothing wrong in a good environment, and changes nothing', async () => {
  const report = await examine();
  expect(report.code).toBe(0);
  expect(report.levels).toEqual({ node: 'ok', config: 'ok', 'redis server': 'ok', 'redis data': 'ok', rules: 'ok', port: 'ok' });
  expect(() => rmSync(join(base, 'data'))).toThrow('ENOENT');
});

it('prints a readable report without --json', async () => {
  const child = start(weir, ['doctor'], { cwd: base, env: { PATH: process.env['PATH'], WEIR_PORT: '0', WEIR_RULES: join(base, 'none') } });
  expect((await child.ended).code).toBe(1);
  expect(child.stdout()).toMatch(/^ok {4}node +Node \d+/m);
  expect(child.stdout()).toMatch(/^fail {2}rules +.*cannot be read.*\n +Create the folder, or set WEIR_RULES/m);
  expect(child.stderr()).toBe('');
});

const answering =
  (body: string) =>
  (socket: Socket): void =>
    void socket.once('data', () =>
      socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    );
function* endless(): Generator<string> {
  yield 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[';
  for (;;) yield '0,'.repeat(30_000);
}

describe('it reports', () => {
  it('each problem of the configuration, and unknown variables', async () => {
    const report = await examine({ WEIR_PORT: 'x', WEIR_FSYNC: 'y', WEIR_WORKER: '2' });
    expect(report.code).toBe(1);
    expect(report.findings.filter((finding) => finding.check === 'config').map((finding) => finding.level)).toEqual([
      'fail',
      'fail',
      'warn',
    ]);
  });

  it('webhook targets, or what is wrong with them', async () => {
    const file = join(base, 'webhooks.yaml');
    writeFileSync(file, '- { id: chat, form: slack, url: "https://hooks.example.com/x" }\n');
    const report = await examine({ WEIR_WEBHOOKS: file });
    expect(messageOf(report, 'webhooks')).toBe(`1 target in ${file}`);
    writeFileSync(file, '- { id: chat, form: slack, url: "http://10.0.0.1/x" }\n');
    expect(messageOf(await examine({ WEIR_WEBHOOKS: file }), 'webhooks')).toContain('10.0.0.1 is a private address');
  });

  it('rules that are missing or empty', async () => {
    expect((await examine({ WEIR_RULES: join(base, 'none') })).levels['rules']).toBe('fail');
    mkdirSync(join(base, 'empty'));
    expect((await examine({ WEIR_RULES: join(base, 'empty') })).levels['rules']).toBe('warn');
  });

  it('a data folder that cannot be created', async () => {
    writeFileSync(join(base, 'file'), '');
    const report = await examine({ WEIR_DATA: join(base, 'file', 'below') });
    expect([report.code, report.levels['redis data']]).toEqual([1, 'fail']);
    expect(messageOf(report, 'redis data')).toContain('is a file');
    const full = await examine({ WEIR_DATA: '/proc/weir' });
    expect([full.code, full.levels['redis data']]).toEqual([1, 'fail']);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => undefined],
    ['hangs up', (socket) => socket.destroy()],
    ['does not speak HTTP', (socket) => socket.end('220 mail\r\n')],
    ['answers a health check', answering('{"status":"ok"}')],
    ['has its own API', answering('{"openapi":"3.1.0","info":{"title":"Shop","version":"1.0.0"}}')],
    ['never stops sending', (socket) => void pipeline(Readable.from(endless()), socket, () => undefined)],
  ])('a port in use by another program, which %s', async (_, onConnection) => {
    const sockets = new Set<Socket>();
    const other = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      onConnection(socket);
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const report = await examine({ WEIR_PORT: String(port) });
    for (const socket of sockets) socket.destroy();
    other.close();
    expect([report.code, report.levels['port']]).toEqual([1, 'fail']);
    expect(messageOf(report, 'port')).toBe(`127.0.0.1:${port} is in use by another program.`);
  });

  it('a port in use by another Weir: not the one on this data folder, or perhaps the one on this Redis', async () => {
    const other = start(weir, ['up'], {
      cwd: base,
      env: { PATH: process.env['PATH'], WEIR_PORT: '0', WEIR_DATA: join(base, 'other'), WEIR_RULES: rules, WEIR_MAXMEMORY: '64mb' },
    });
    await until(() => other.stderr().includes('listening on ') || other.process.exitCode !== null);
    const port = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(other.stderr())?.[1] ?? other.stderr();
    const found = [];
    for (const env of [{ WEIR_DATA: join(base, 'mine') }, { WEIR_DATA: join(base, 'other') }, { REDIS_URL: 'redis://127.0.0.1:1' }])
      found.push(await examine({ WEIR_PORT: port, ...env }));
    other.process.kill('SIGTERM');
    await other.ended;
    expect(found.map((report) => [report.levels['port'], messageOf(report, 'port')])).toEqual([
      ['fail', `127.0.0.1:${port} is in use by another Weir (version ${version()}), which is not running on ${join(base, 'mine')}.`],
      ['ok', `127.0.0.1:${port} is in use, and Weir is running`],
      ['warn', `127.0.0.1:${port} is in use by a Weir (version ${version()}).`],
    ]);
  });

  it('a Redis that cannot be reached, and one that is configured unsafely', async () => {
    const away = await examine({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect([away.code, away.levels['redis']]).toEqual([1, 'fail']);
    const evicting = await startRedis({ 'maxmemory-policy': 'allkeys-lfu' });
    const report = await examine({ REDIS_URL: evicting.url });
    await evicting.stop();
    expect(report.code).toBe(1);
    expect(report.levels).toMatchObject({ 'redis version': 'ok', 'redis policy': 'fail', 'redis aof': 'warn', 'redis memory': 'warn' });
  });

  it('a running Weir, and checks its Redis', async () => {
    const running = start(process.execPath, [join(import.meta.dirname, '../../support/open-redis.ts')], {
      cwd: base,
      env: { PATH: process.env['PATH'], WEIR_DATA: join(base, 'run'), WEIR_MAXMEMORY: '64mb' },
    });
    await running.line();
    const report = await examine({ WEIR_DATA: join(base, 'run') });
    running.process.kill('SIGTERM');
    await running.ended;
    expect(report.levels).toMatchObject({
      'redis process': 'ok',
      'redis version': 'ok',
      'redis policy': 'ok',
      'redis aof': 'ok',
      'redis memory': 'ok',
    });
    expect(messageOf(report, 'redis process')).toContain(`process ${running.process.pid}`);
  });

  it('a wrong value in .env', async () => {
    const folder = join(base, 'env');
    mkdirSync(folder);
    writeFileSync(join(folder, '.env'), 'WEIR_PORT=nonsense\n');
    const child = start(weir, ['doctor', '--json'], { cwd: folder, env: { PATH: process.env['PATH'], WEIR_RULES: rules } });
    expect((await child.ended).code).toBe(1);
    expect(child.stdout()).toContain('WEIR_PORT=nonsense');
  });
});
