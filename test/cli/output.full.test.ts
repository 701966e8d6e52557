/** Output that is not written is never taken for written, and a reader that has enough is no fault. */
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
const told = (cause: string): string =>
  `weir: cannot write output: ${cause}\n  What was written is not all of it. Make room, or write elsewhere.\n`;

it('a full disk is told, with an exit code of its own', async () => {
  const { code, stderr } = await bash(`${replay} > /dev/full`);
  expect(code).toBe(exitCodes.output);
  expect(stderr).toBe(`${alerts} events, ${alerts} alerts\n${told('no space left on its disk')}`);
});

it('where there is no room to tell, the exit code does', async () => {
  expect(await bash(`${replay} 2> /dev/full > /dev/null`)).toMatchObject({ code: exitCodes.output });
});

// A shell that may write no more than so many KiB into a file: the last write before the bound is taken in part.
it.each([1, 8, 100])('a file of which only the first %i KiB got in is not the whole', async (kib) => {
  const { code, stderr } = await bash(`ulimit -f ${kib}; ${replay} > '${out}'`);
  expect({ code, size: readFileSync(out).length }).toEqual({ code: exitCodes.output, size: kib * 1024 });
  expect(stderr).toContain(told('the file may not become larger'));
});

it('nor is one of which the only write was taken in part', async () => {
  const { code, stderr } = await bash(`ulimit -f 1; ${weir} --help > '${out}'`);
  expect(code).toBe(exitCodes.output);
  expect(stderr).toBe(told('the file may not become larger'));
});

describe('into a file', () => {
  it('everything is written', async () => {
    expect(await bash(`${replay} > '${out}'`)).toMatchObject({ code: 0, stderr: `${alerts} events, ${alerts} alerts\n` });
    expect(jsonLines(readFileSync(out, 'utf8'))).toHaveLength(alerts);
  });

  it('data and what is said stand in the order in which they came', async () => {
    await bash(`${replay.replace(' replay ', ' match ')} >> '${out}' 2>&1`);
    expect(readFileSync(out, 'utf8')).toMatch(/"rules":\["any"\]\}\n500 events, 500 with a matching rule\n$/);
  });
});

it('a reader that leaves early ends a long output quietly', async () => {
  const { stdout, stderr } = await bash(`${replay} | head -n 1; echo "\${PIPESTATUS[0]}"`);
  expect(stdout).toMatch(/^\{"id":"al_.*\}\n0\n$/);
  expect(stderr).toBe(`${alerts} events, ${alerts} alerts\n`);
});
