import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmless, openIo, paint } from '../../engine/cli/output.ts';

describe('text from outside cannot control the terminal', () => {
  it('control characters in plain text become visible replacements', () => {
    expect(harmless('a\u001b[2Jb\u009b31mc\rd\u0007\u007f\u202ee\tf\ng', false)).toBe(
      'a\ufffd[2Jb\ufffd31mc\ufffdd\ufffd\ufffd\ufffde\tf\ng',
    );
  });

  it('JSON keeps its meaning', () => {
    const data = { text: 'a\u009b31m\u007f\u202e\u2028\u001b' };
    const line = harmless(JSON.stringify(data), true);
    expect(line).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
    expect(JSON.parse(line)).toEqual(data);
  });

  it('only our own colour codes pass, and only if colours are on', () => {
    const line = `${paint(true, 'red', 'fail')}  \u001b[8m\u001b]8;;http://x\u0007link ${paint(true, 'bold', '[x]')}`;
    expect(harmless(line, true)).toBe('\u001b[31mfail\u001b[0m  \ufffd[8m\ufffd]8;;http://x\ufffdlink \u001b[1m[x]\u001b[0m');
    expect(harmless(line, false)).not.toContain('\u001b');
  });

  it('holds for any text', () => {
    const ours = new RegExp(`${paint(true, 'red', '').slice(0, 2).replace('[', '\\[')}(?:0|1|2|3[123])m`, 'g');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.boolean(), (text, color) => {
        expect(harmless(text, color).replace(ours, color ? '' : '$&')).not.toMatch(/(?![\t\n])\p{Cc}/u);
      }),
    );
  });

  it('holds for both print and say', async () => {
    const text = { stdout: '', stderr: '' };
    const sink = (name: keyof typeof text): PassThrough =>
      new PassThrough().setEncoding('utf8').on('data', (part: string) => (text[name] += part)) as PassThrough;
    const io = openIo({ stdin: Readable.from([]), stdout: sink('stdout'), stderr: sink('stderr') }, {}, { json: false, noColor: false });
    await io.print('data \u001b[1m');
    io.say('said \u009b1m');
    expect(text).toEqual({ stdout: 'data \ufffd[1m\n', stderr: 'said \ufffd1m\n' });
  });
});

it('no command writes to a stream directly', () => {
  const top = join(import.meta.dirname, '../..');
  const writing = globSync('engine/cli/**/*.ts', { cwd: top }).filter((path) =>
    /\b(?:console\.|(?:stdout|stderr)\.write\()/.test(readFileSync(join(top, path), 'utf8')),
  );
  // output.ts writes filtered lines; main.ts writes the last error of a failing process.
  expect(writing.toSorted()).toEqual(['engine/cli/main.ts', 'engine/cli/output.ts']);
});
