/**
 * `weir demo` as a program: a whole engine on its own Redis, traffic over HTTP, the table. Uses the shipped rules, with
 * the one absence shortened, so that there is little to wait for.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../engine/cli/dispatch.ts';
import type { DemoResult } from '../../../engine/cli/demo/result.ts';
import { root } from '../../rules/shipped.ts';
import { processesWith, start, until, type Child } from '../../support/processes.ts';

const base = mkdtempSync(join(tmpdir(), 'weir-d-'));
const temporary = join(base, 'tmp');
const rules = join(base, 'rules');
const fewRules = join(base, 'few');
beforeAll(() => {
  mkdirSync(temporary);
  cpSync(join(root, 'rules'), rules, { recursive: true });
  const absence = join(rules, 'identity/vpn-without-endpoint-checkin.yaml');
  const text = readFileSync(absence, 'utf8');
  expect(text).toContain('within: 1m');
  writeFileSync(absence, text.replace('within: 1m', 'within: 1s'));
  cpSync(join(root, 'rules/datasets'), join(fewRules, 'datasets'), { recursive: true });
  cpSync(join(root, 'rules/fraud/card-testing.yaml'), join(fewRules, 'card-testing.yaml'));
});
afterAll(() => rmSync(base, { recursive: true }));

/** The option with that value, unless the arguments have it. */
const usual = (args: readonly string[], option: string, value: string): readonly string[] => (args.includes(option) ? [] : [option, value]);

/** Redis, data, keys and lateness are those of a real engine: a demo must not use them. */
const demo = (args: readonly string[], env: Record<string, string> = {}): Child =>
  start(join(root, 'bin/weir'), ['demo', ...usual(args, '--events', '1500'), ...usual(args, '--rate', '3000'), ...args], {
    cwd: base,
    env: {
      PATH: process.env['PATH'],
      TMPDIR: temporary,
      REDIS_URL: 'redis://127.0.0.1:1',
      WEIR_DATA: join(base, 'real'),
      WEIR_KEYS: 'soc=0123456789abcdef',
      WEIR_PORT: '0',
      WEIR_RULES: rules,
      WEIR_LATENESS: '1h',
      ...env,
    },
  });

/** No process and no folder is left. */
function nothingLeft(): void {
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(base).toSorted()).toEqual(['few', 'rules', 'tmp']);
  expect(processesWith(temporary)).toEqual([]);
}

type Printed = DemoResult & { readonly seed: number; readonly events: number; readonly url: string };

describe('weir demo', () => {
  it('catches every campaign on a real engine, and leaves nothing behind', async () => {
    const child = demo(['--seed', '2', '--json']);
    const { code } = await child.ended;
    expect(child.stderr()).toContain('weir: console http://127.0.0.1:');
    const result = JSON.parse(child.stdout()) as Printed;
    expect(result.campaigns.filter(({ caught }) => !caught)).toEqual([]);
    expect({ code, caught: result.caught, seed: result.seed, events: result.events }).toEqual({
      code: 0,
      caught: 28,
      seed: 2,
      events: 1500,
    });
    for (const { campaign, after, events, ms, alert } of result.campaigns) {
      expect([campaign, after! >= 1 && after! <= events, ms! >= 0, alert]).toEqual([campaign, true, true, expect.stringMatching(/^al_/)]);
    }
    expect(result.campaigns.find(({ rule }) => rule === 'vpn-without-endpoint-checkin')).toMatchObject({ waits_ms: 11_000 });
    expect(child.stderr()).toMatch(/waiting \d+ s: an absence is certain only once/);
    nothingLeft();
  });

  it('exits 1 when campaigns are missed, and uses another port when its own is taken', async () => {
    await using taken = createServer().listen(0, '127.0.0.1');
    await until(() => taken.listening);
    const { port } = taken.address() as AddressInfo;
    const child = demo([], { WEIR_RULES: fewRules, WEIR_PORT: String(port) });
    const { code } = await child.ended;
    expect(code, child.stderr()).toBe(1);
    expect(child.stderr()).not.toContain(`:${port}/`);
    expect(child.stdout()).toMatch(/^stolen-card-list +caught +card-testing +\d of 9 +\d+$/m);
    expect(child.stdout()).toMatch(/^banking-trojan +missed +malware-then-payment +- of 2 +-$/m);
    expect(child.stdout()).toContain('1 of 28 campaigns caught');
    nothingLeft();
  });

  it('keeps running with --keep until it is stopped', async () => {
    const child = demo(['--keep'], { WEIR_RULES: fewRules });
    await until(() => child.stderr().includes('still running at') || child.process.exitCode !== null);
    const url = /still running at (\S+);/.exec(child.stderr())?.[1];
    const { alerts } = (await (await fetch(`${url}/v1/alerts?rule=card-testing`)).json()) as { alerts: unknown[] };
    expect(alerts.length).toBe(1);
    child.process.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ code: 1 });
    nothingLeft();
  });

  it('can be stopped at any time, and leaves nothing behind', async () => {
    const child = demo(['--rate', '1']);
    await until(() => child.stderr().includes('sending') || child.process.exitCode !== null);
    child.process.kill('SIGINT');
    expect(await child.ended).toMatchObject({ code: 1 });
    expect(child.stderr()).toContain('stopped before the end');
    expect(child.stdout()).toBe('');
    nothingLeft();
  });

  it('shows alerts as they arrive if stderr is a terminal', async () => {
    for (const [name, value] of Object.entries({ TMPDIR: temporary, WEIR_RULES: fewRules, WEIR_PORT: '0' })) vi.stubEnv(name, value);
    const text = { stdout: '', stderr: '' };
    const sink = (name: keyof typeof text): PassThrough =>
      new PassThrough().setEncoding('utf8').on('data', (part: string) => (text[name] += part)) as PassThrough;
    const stderr = Object.assign(sink('stderr'), { isTTY: true });
    const code = await runCli(
      ['demo', '--events', '1000', '--rate', '2000'],
      { stdin: Readable.from([]), stdout: sink('stdout'), stderr },
      {},
    );
    vi.unstubAllEnvs();
    expect(code).toBe(1);
    expect(stripVTControlCharacters(text.stderr)).toMatch(
      /^\d\d:\d\d:\d\d {2}high {6}card-testing {2}203\.0\.113\.\d+ tried 5 cards in 10 minutes$/m,
    );
    expect(text.stdout).toContain('1 of 28 campaigns caught');
    nothingLeft();
  });

  it.each([
    [['--events', '10'], '--events takes a whole number from 1000'],
    [['--rate', '0'], "--rate takes a whole number from 1 to 100000, not '0'"],
    [['--rate', 'fast'], "not 'fast'"],
    [['--kepp'], "unknown option '--kepp'; did you mean --keep?"],
    [['extra'], "unexpected argument 'extra'"],
  ])('%j: exits 2 and starts nothing', async (args, message) => {
    const child = demo(args);
    expect(await child.ended).toMatchObject({ code: 2 });
    expect(child.stderr()).toContain(message);
    nothingLeft();
  });

  it('exits 78 on an invalid configuration', async () => {
    const child = demo([], { WEIR_WORKERS: 'many' });
    expect(await child.ended).toMatchObject({ code: 78 });
    expect(child.stderr()).toContain('WEIR_WORKERS=many');
    nothingLeft();
  });
});
