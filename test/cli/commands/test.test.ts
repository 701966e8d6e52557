import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const weir = resolve(import.meta.dirname, '../../../bin/weir');
let folder = '';
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'weir-test-'))));
afterEach(() => rm(folder, { recursive: true }));

const test = (...args: string[]): Promise<{ code: number; out: string; said: string }> =>
  new Promise((done) => {
    execFile(weir, ['test', ...args], { cwd: folder }, (error, out, said) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, out, said }),
    );
  });

const rule = (id: string, alerts: string): string => `id: ${id}
conditions: { all: [{ fact: user.name, operator: equal, value: root }] }
tests:
  - name: by mapping
    events: [{ login: root }]
    alerts: ${alerts}
`;

describe('weir test', () => {
  beforeEach(async () => {
    await mkdir(join(folder, 'rules/datasets'), { recursive: true });
    await mkdir(join(folder, 'rules/identity'), { recursive: true });
    await writeFile(
      join(folder, 'rules/datasets/d.yaml'),
      'fields: { user.name: login }\nrecognise: { all: [{ fact: login, operator: exists, value: true }] }\n',
    );
    await writeFile(join(folder, 'rules/identity/good.yaml'), rule('good', '[{ value: 1 }]'));
  });

  it('exits 0 when the rules of WEIR_RULES pass', async () => {
    expect(await test()).toEqual({ code: 0, out: 'ok    good: by mapping\n', said: '1 passed, 0 failed\n' });
  });

  it('uses the mappings above a single file, and tests only that file', async () => {
    await writeFile(join(folder, 'rules/identity/bad.yaml'), rule('bad', '[]'));
    expect(await test('rules/identity/good.yaml')).toMatchObject({ code: 0, said: '1 passed, 0 failed\n' });
  });

  it('exits 1 and shows a failure with its position', async () => {
    await writeFile(join(folder, 'rules/identity/bad.yaml'), rule('bad', '[{ value: 2 }]'));
    const { code, out, said } = await test('rules');
    expect(code).toBe(1);
    expect(said).toBe('1 passed, 1 failed\n');
    expect(out).toContain(
      'FAIL  bad: by mapping\n      rules/identity/bad.yaml:4:5\n      expected 1 alert, got 1\n      - expected {"value":2}\n      + actual ',
    );
  });

  it('prints a line of JSON per test, and filters', async () => {
    await writeFile(join(folder, 'rules/identity/bad.yaml'), rule('bad', '[]'));
    const { code, out } = await test('--json', '--filter', 'BAD');
    expect(code).toBe(1);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ rule: 'bad', passed: false, line: 4, unexpected: [{ value: 1 }] }]);
    expect(await test('--filter', 'nothing')).toMatchObject({ code: 2 });
  });

  it('exits 78 on an error in the rules, or if there are none', async () => {
    await writeFile(join(folder, 'rules/identity/broken.yaml'), 'id: broken\nconditions: { all: [] }\n');
    expect(await test()).toMatchObject({ code: 78, said: expect.stringContaining('rules/identity/broken.yaml:2:') });
    expect(await test('nowhere')).toMatchObject({ code: 78, said: expect.stringContaining('no rules at nowhere') });
  });
});
