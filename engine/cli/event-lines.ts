/**
 * Events from a file or from stdin: NDJSON, gzipped or not (told by its first bytes). One line after the other, with
 * its number, in bounded memory.
 */
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { WeirError, exitCodes } from '../errors.ts';

export type Line = { readonly number: number; readonly text: string };

/** A line is cut here: far more than an event may have, so what is cut is rejected as too large. */
export const lineBytesMax = 1_048_576;

/**
 * Blocks of lines, blank ones left out.
 * @throws WeirError (2) when the file cannot be opened, or is cut off inside its gzip data
 */
export async function* eventLines(file: string, stdin: Readable): AsyncGenerator<Line[]> {
  const source = file === '-' ? stdin : createReadStream(file, { highWaterMark: 1 << 18 });
  let number = 0;
  let carry = '';
  try {
    for await (const text of texts(source)) {
      const lines: Line[] = [];
      const parts = text.split('\n');
      parts[0] = carry + parts[0]!;
      carry = parts.pop()!.slice(0, lineBytesMax);
      for (const part of parts) push(lines, ++number, part);
      yield lines;
    }
  } catch (fault) {
    throw new WeirError(
      `cannot read ${file}: ${(fault as Error).message}`,
      'Give a readable NDJSON file, gzipped or not.',
      exitCodes.usage,
    );
  }
  const last: Line[] = [];
  push(last, number + 1, carry);
  yield last;
}

function push(lines: Line[], number: number, text: string): void {
  const trimmed = text.trim();
  if (trimmed !== '') lines.push({ number, text: trimmed });
}

/** The stream's text, inflated when it begins as gzip does. */
export async function* texts(source: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of inflated(source)) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** The stream's bytes, inflated when they begin as gzip does. */
export async function* inflated(source: Readable): AsyncGenerator<Buffer> {
  const chunks = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const bytes = Readable.from(startingWith(first.value, chunks), { objectMode: false });
  const plain =
    first.value[0] === 0x1f && first.value[1] === 0x8b ? pipeline(bytes, createGunzip({ chunkSize: 1 << 18 }), () => undefined) : bytes;
  yield* plain as AsyncIterable<Buffer>;
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
