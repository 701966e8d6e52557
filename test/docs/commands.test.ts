/** Runs every command in the documentation as a new user would: against `weir up` with the shipped rules. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { start, until, type Child } from '../support/processes.ts';
import { fencesOf, pages, top, type Fence } from './markdown.ts';

type Result = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

const documented = 'http://127.0.0.1:8080';
const isOutput = (fence: Fence | undefined): boolean => fence?.words[0] === 'output';

test('every command is run, or marked as not run', () => {
  const fences = pages.flatMap(fencesOf).filter(({ language }) => /^(?:sh|bash|shell|console)$/.test(language));
  expect(fences.filter(({ words }) => !['run', 'by-hand'].includes(words[0] ?? '')).map(({ page, line }) => `${page}:${line}`)).toEqual([]);
});

describe.each(pages.filter((page) => fencesOf(page).some(({ words }) => words[0] === 'run')))('%s', (page) => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-docs-'));
  for (const name of ['bin', 'rules', 'docs']) symlinkSync(join(top, name), join(folder, name));
  let engine: Child;
  let url = '';
  beforeAll(async () => {
    const env = { PATH: process.env['PATH'], WEIR_PORT: '0', WEIR_DATA: join(folder, 'data'), WEIR_LOG_LEVEL: 'warn' };
    engine = start(join(top, 'bin/weir'), ['up'], { cwd: folder, env });
    await until(() => engine.stderr().includes('listening on ') || engine.process.exitCode !== null);
    url = /listening on (\S+)/.exec(engine.stderr())?.[1] ?? '';
    expect(url, engine.stderr()).not.toBe('');
  });
  afterAll(async () => {
    engine.process.kill('SIGTERM');
    await engine.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(text: string): Promise<Result> {
    const env = { PATH: process.env['PATH'], WEIR_PORT: new URL(url).port, WEIR_DATA: join(folder, 'data') };
    const child = start('bash', ['-euo', 'pipefail', '-c', text.replaceAll(documented, url)], { cwd: folder, env });
    const { code } = await child.ended;
    return { code, stdout: child.stdout(), stderr: child.stderr() };
  }

  const fences = fencesOf(page);
  const steps = fences.flatMap((fence, index) => {
    const next = fences[index + 1];
    return fence.words[0] === 'run' ? [{ fence, line: fence.line, output: isOutput(next) ? next : undefined }] : [];
  });

  // In the order of the page, because commands build on the ones before them.
  test.each(steps)('line $line', async ({ fence, output }) => {
    const fits = ({ stdout }: Result): boolean => output === undefined || patternOf(output).test(squeezed(stdout, output.language));
    let result = await run(fence.text);
    if (fence.words[1] === 'until') await until(async () => fits(result) || fits((result = await run(fence.text))));
    expect({ code: result.code, stderr: result.stderr }).toMatchObject({ code: 0 });
    if (output !== undefined) expect(squeezed(result.stdout, output.language)).toMatch(patternOf(output));
  });

  test('every output follows a command', () => {
    const stray = fences.filter((fence, index) => isOutput(fence) && fences[index - 1]?.words[0] !== 'run');
    expect(stray.map(({ line }) => line)).toEqual([]);
  });
});

/** Removes what has no meaning: in JSON, spaces outside of strings; elsewhere line ends, because the pages break long lines. */
const squeezed = (text: string, language: string): string =>
  language === 'json' ? text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, '$1') : text.replace(/\s*\n\s*/g, '\n').trim();

/** Matches what the page shows of an output: `…` stands for anything. */
function patternOf({ language, text }: Fence): RegExp {
  const parts = squeezed(text, language).split('…');
  return new RegExp(`^${parts.map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*?')}$`);
}
