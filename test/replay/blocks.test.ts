/** Blocks hold whole lines, and a file without line ends does not fill the memory. */
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { blocks, itemBytesMax, type Block } from '../../engine/replay/blocks.ts';

async function blocksOf(parts: readonly Buffer[], blockBytes?: number): Promise<Block[]> {
  const found: Block[] = [];
  for await (const block of blocks('-', Readable.from(parts), blockBytes)) found.push(block);
  return found;
}

it('are the bytes of the file, cut after line ends, and know the number of their first line', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-zé\n]{1,9}$/), { minLength: 1 }),
      fc.integer({ min: 1, max: 40 }),
      async (parts, blockBytes) => {
        const found = await blocksOf(
          parts.map((part) => Buffer.from(part)),
          blockBytes,
        );
        const text = parts.join('');
        expect(Buffer.concat(found.map(({ bytes }) => bytes)).toString()).toBe(text);
        let before = '';
        for (const { bytes, firstLine } of found) {
          expect(firstLine).toBe(before.split('\n').length);
          before += Buffer.from(bytes).toString();
          if (before.length < text.length) expect(before.endsWith('\n')).toBe(true);
        }
      },
    ),
  );
});

it('cut a line that is too long, and continue after it', async () => {
  const long = Array.from({ length: 40 }, () => Buffer.alloc(itemBytesMax / 8, 'x'));
  const found = await blocksOf([Buffer.from('{"a":1}\n'), ...long, Buffer.from('y\n{"b":2}\n')]);
  const lines = Buffer.concat(found.map(({ bytes }) => bytes))
    .toString()
    .split('\n');
  expect(lines[0]).toBe('{"a":1}');
  expect(lines[1]!.length).toBeLessThanOrEqual(itemBytesMax);
  expect(lines.slice(2)).toEqual(['{"b":2}', '']);
  expect(found.at(-1)!.firstLine <= 3).toBe(true);
});

it('reuse released buffers: a file of any length needs only a few', async () => {
  const line = Buffer.from(`${'x'.repeat(99)}\n`);
  const buffers = new Set<unknown>();
  let count = 0;
  for await (const { bytes, release } of blocks('-', Readable.from(Array.from({ length: 1000 }, () => line)), 1000)) {
    expect(Buffer.from(bytes).toString()).toBe(line.toString().repeat(bytes.length / 100));
    buffers.add(bytes.buffer);
    count += 1;
    release();
  }
  expect(count).toBeGreaterThanOrEqual(100);
  expect(buffers.size).toBeLessThanOrEqual(3);
});
