/** The files of the console as they are served, checked without a browser. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FastifyInstance } from 'fastify';
import { hashOf } from '../../../engine/core/access/api-key.ts';
import { buildApp } from '../../../api/app.ts';
import { readConsole } from '../../../api/routes/console-files.ts';
import { idleParts } from '../../support/api.ts';

const folder = join(import.meta.dirname, '../../../api/console');
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');

let app: FastifyInstance;
let build: string;
beforeAll(async () => {
  app = await buildApp({ ...idleParts() }, { version: 'test' });
  ({ build } = await readConsole());
});
afterAll(() => app.close());

const get = (url: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' | 'POST' = 'GET') =>
  app.inject({ method, url, headers });

describe('the page', () => {
  test('is HTML that loads only its own files, and must be revalidated each time', async () => {
    const page = await get('/');
    expect([page.statusCode, page.headers['content-type'], page.headers['cache-control']]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ]);
    const addresses = [...page.body.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(5);
    for (const address of addresses) {
      expect(address).toMatch(new RegExp(`^console/${build}/`));
      expect((await get(`/${address}`)).statusCode, address).toBe(200);
    }
    expect(page.body).not.toMatch(/<script[^>]*>[^<]|<style|\sstyle=|\son\w+=/);
  });

  test('is answered with 304 if the client has it', async () => {
    const { etag } = (await get('/')).headers;
    for (const header of [String(etag), `"x", W/${String(etag)}`, '*']) {
      const again = await get('/', { 'if-none-match': header });
      expect([again.statusCode, again.body, again.headers['etag']]).toEqual([304, '', etag]);
    }
    expect((await get('/', { 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  test('answers HEAD with headers only, and unknown paths with a problem', async () => {
    const head = await get('/', {}, 'HEAD');
    expect([head.statusCode, head.body, head.headers['content-type']]).toEqual([200, '', 'text/html; charset=utf-8']);
    const posted = await get('/', {}, 'POST');
    expect([posted.statusCode, posted.headers['allow'], posted.json<{ code: string }>().code]).toEqual([
      405,
      'GET, HEAD',
      'method-not-allowed',
    ]);
    for (const path of [
      '/console',
      '/console/',
      `/console/${build}/`,
      `/console/${build}/none.ts`,
      '/console/0000000000000000/main.ts',
      `/console/${build}/tsconfig.json`,
      `/console/${build}/../console-files.ts`,
      `/console/${build}/..%2f..%2fpackage.json`,
      '/index.html',
      '/alerts',
    ]) {
      const missing = await get(path);
      expect([path, missing.statusCode, missing.headers['content-type']]).toEqual([
        path,
        404,
        expect.stringContaining('application/problem+json'),
      ]);
    }
  });
});

test('files have their types, may be cached for ever, and have the same security headers as the page', async () => {
  const { files } = await readConsole();
  const types = { css: 'text/css; charset=utf-8', ts: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' };
  for (const { name } of files) {
    const { statusCode, headers } = await get(`/console/${build}/${name}`);
    expect([name, statusCode, headers['content-type']]).toEqual([name, 200, types[name.split('.')[1] as 'css']]);
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    const policy = String(headers['content-security-policy']);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "trusted-types 'none'",
    ])
      expect(policy.split('; ')).toContain(rule);
    expect(policy).not.toMatch(/unsafe|\*|http|data:/);
    expect((await get(`/console/${build}/${name}`, { 'if-none-match': String(headers['etag']) })).statusCode).toBe(304);
  }
});

test('with keys configured, the files need no key, and the data does', async () => {
  const closed = await buildApp(
    { ...idleParts() },
    { version: 'test', keys: [{ name: 'ann', scopes: ['read'], hash: hashOf('0123456789abcdef') }] },
  );
  const status = async (url: string): Promise<number> => (await closed.inject({ url })).statusCode;
  expect([await status('/'), await status(`/console/${build}/main.ts`), await status('/v1/alerts'), await status('/v1/overview')]).toEqual([
    200, 200, 401, 401,
  ]);
  await closed.close();
});

test('changed contents get a new address', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'weir-console-'));
  cpSync(folder, copy, { recursive: true });
  expect((await readConsole(copy)).build).toBe(build);
  writeFileSync(join(copy, 'styles/base.css'), 'body { color: red }');
  expect((await readConsole(copy)).build).not.toBe(build);
  rmSync(copy, { recursive: true });
});

describe('the sources', () => {
  test('import only files that are served, and only types from the engine', () => {
    for (const name of sources) {
      for (const [, keyword, from] of textOf(name).matchAll(/^(?:import|export) (type )?[^;]*?from '([^']+)'/gm)) {
        if (keyword === 'type ') continue;
        expect(sources, `${name} imports ${from}`).toContain(posix.join(posix.dirname(name), from!));
      }
    }
  });

  test('are served without types, with every line in its place', async () => {
    const { files } = await readConsole();
    for (const { name, body } of files.filter((file) => file.name.endsWith('.ts'))) {
      expect(body.split('\n').length, name).toBe(textOf(name).split('\n').length);
      expect(body, name).not.toMatch(/\bimport type\b|\binterface \w+ \{|^export type /m);
    }
  });

  test('never turn text into markup, code or styles', () => {
    const ways =
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|setHTML|srcdoc|\beval\b|new Function|setAttribute\('(?:style|on)/;
    expect(sources.filter((name) => ways.test(textOf(name)))).toEqual([]);
  });
});
