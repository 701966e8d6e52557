/** Output that cannot be written is an error, and a reader that closes the pipe is not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../engine/errors.ts';
import { start } from '../support/processes.ts';
import { jsonLines, testFolder } from './explain/explain.support.ts';

const folder = testFolder();
const rules = folder.put('r.yaml', 'id: any\nconditions: { all: [{ fact: a, operator: exists, value: true }] }\n');
const alerts = 500;
const events = folder.put(
  'events.ndjson',
  Array.from({ length: alerts }, (_, i) => `{"id":${i},"time":${1_767_225_600 + i},"a":1}\n`).join(''),
);
const out = join(folder.path, 'out');
const weir = `'${join(import.meta.dirname, '../../bin/weir')}'`;
const replay = `${weir} replay '${events}' --rules '${rules}'`;

async function bash(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start('bash', ['-c', script], { env: { PATH: process.env['PATH'] } });
  const { code } = await child.ended;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}
const unwritten = (cause: string): string =>
  `weir: cannot write output: ${cause}\n  The output is incomplete. Free some space, or write it elsewhere.\n`;

it('reports a full disk, with its own exit code', async () => {
  const { code, stderr } = await bash(`${replay} > /dev/full`);
  expect(code).toBe(exitCodes.output);
  expect(stderr).toBe(`${alerts} events, ${alerts} alerts\n${unwritten('no space left on the disk')}`);
});

it('exits with that code even if the report cannot be written', async () => {
  expect(await bash(`${replay} 2> /dev/full > /dev/null`)).toMatchObject({ code: exitCodes.output });
});

// The shell limits the file to that many KiB: the last write before the limit is a partial one.
it.each([1, 8, 100])('reports a file that was cut at %i KiB', async (kib) => {
  const { code, stderr } = await bash(`ulimit -f ${kib}; ${replay} > '${out}'`);
  expect({ code, size: readFileSync(out).length }).toEqual({ code: exitCodes.output, size: kib * 1024 });
  expect(stderr).toContain(unwritten('file size limit exceeded'));
});

it('reports a single write that was cut', async () => {
  const { code, stderr } = await bash(`ulimit -f 1; ${weir} --help > '${out}'`);
  expect(code).toBe(exitCodes.output);
  expect(stderr).toBe(unwritten('file size limit exceeded'));
});

describe('into a file', () => {
  it('writes everything', async () => {
    expect(await bash(`${replay} > '${out}'`)).toMatchObject({ code: 0, stderr: `${alerts} events, ${alerts} alerts\n` });
    expect(jsonLines(readFileSync(out, 'utf8'))).toHaveLength(alerts);
  });

  it('keeps data and messages in order', async () => {
    await bash(`${replay.replace(' replay ', ' match ')} >> '${out}' 2>&1`);
    expect(readFileSync(out, 'utf8')).toMatch(/"rules":\["any"\]\}\n500 events, 500 with a matching rule\n$/);
  });
});

it('ends a long output quietly when the reader closes the pipe', async () => {
  const { stdout, stderr } = await bash(`${replay} | head -n 1; echo "\${PIPESTATUS[0]}"`);
  expect(stdout).toMatch(/^\{"id":"al_.*\}\n0\n$/);
  expect(stderr).toBe(`${alerts} events, ${alerts} alerts\n`);
});
