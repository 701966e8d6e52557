import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { processesWith, start, until } from '../support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'weir-life-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([0, 100, 300, 600])('a SIGTERM %i ms after the start ends the process cleanly, and leaves nothing running', async (ms) => {
  const data = join(folder, `data-${ms}`);
  const child = start(join(import.meta.dirname, '../../bin/weir'), ['up'], {
    env: {
      PATH: process.env['PATH'],
      WEIR_DATA: data,
      WEIR_PORT: '0',
      WEIR_MAXMEMORY: '128mb',
      WEIR_RULES: join(import.meta.dirname, '../../rules'),
    },
  });
  await sleep(ms);
  child.process.kill('SIGTERM');
  // Before Node runs any of our code, the signal's default action ends the process.
  expect([
    { code: 0, signal: null },
    { code: null, signal: 'SIGTERM' },
  ]).toContainEqual(await child.ended);
  await until(() => processesWith(data).length === 0);
  expect(processesWith(data)).toEqual([]);
});

it.each(['up', 'api', 'worker'])(
  'a SIGTERM ends %s while it waits for an unreachable Redis, after it has said what to do',
  async (command) => {
    const child = start(join(import.meta.dirname, '../../bin/weir'), [command], {
      env: { PATH: process.env['PATH'], REDIS_URL: 'redis://127.0.0.1:1', WEIR_PORT: '0' },
    });
    await until(() => child.stderr().includes('waiting: '));
    expect(child.stderr()).toMatch(/waiting: .*nothing listens there\. Start it, or correct host and port in REDIS_URL/);
    child.process.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ code: 0 });
    expect(child.stderr()).toContain('SIGTERM: stopped during startup');
  },
);
