/** Runs command lines in this process, on streams and files of the test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll } from 'vitest';
import { runCli } from '../../../engine/cli/dispatch.ts';

export type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

export async function weir(argv: readonly string[], stdin = ''): Promise<Result> {
  const text = { stdout: '', stderr: '' };
  const sink = (name: keyof typeof text): PassThrough =>
    new PassThrough().setEncoding('utf8').on('data', (part: string) => (text[name] += part)) as PassThrough;
  const streams = { stdin: Readable.from([Buffer.from(stdin)]), stdout: sink('stdout'), stderr: sink('stderr') };
  const code = await runCli(argv, streams, {});
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...text };
}

export const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
export const jsonLines = <T>(text: string): T[] => lines(text).map((line) => JSON.parse(line) as T);

/** A folder for this test file, removed after it. */
export function testFolder(): { readonly path: string; put(name: string, content: string | Buffer): string } {
  const path = mkdtempSync(join(tmpdir(), 'weir-cli-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    put(name, content) {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
  };
}
