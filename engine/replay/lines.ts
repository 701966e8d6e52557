/** The lines of a block, cut and judged as ingest does it (engine/runtime/ingest/batch.ts). */
import { isUtf8 } from 'node:buffer';
import { trimmed } from '../core/ingest/json-split.ts';
import { limits } from '../core/limits.ts';
import { notUtf8 } from './texts.ts';
import type { Readable } from 'node:stream';
import { blocks } from './blocks.ts';

const newline = 10;

/** Bytes that are decoded together: they are parsed while they are still in the processor's cache. (256 KiB at once cost 200 ns a line, this 35.) */
const decodedTogether = 1 << 15;

/** Lines that are not blank, without the white space around them, some at a time. @param firstLine number of the first one */
export function* linesOf(bytes: Uint8Array, firstLine: number): Generator<Line[]> {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const marked = firstLine === 1 && block[0] === 0xef && block[1] === 0xbb && block[2] === 0xbf;
  let number = firstLine;
  for (let from = marked ? 3 : 0; from < block.length;) {
    const end = endOfLines(block, from);
    const part = block.subarray(from, end);
    const valid = isUtf8(part);
    // Cut as bytes where not all are UTF-8, so that one bad byte does not take the other lines with it.
    const texts = part.toString(valid ? 'utf8' : 'latin1').split('\n');
    if (texts.at(-1) === '') texts.pop();
    const lines: Line[] = [];
    for (const untrimmed of texts) {
      const text = trimmed(untrimmed);
      if (text !== '') lines.push(valid ? { number, text } : decoded(number, text));
      number += 1;
    }
    yield lines;
    from = end;
  }
}

/** Behind the last line end within reach; where a line is longer, behind its own. */
function endOfLines(block: Buffer, from: number): number {
  if (block.length - from <= decodedTogether) return block.length;
  const last = block.lastIndexOf(newline, from + decodedTogether - 1);
  if (last >= from) return last + 1;
  const next = block.indexOf(newline, from + decodedTogether);
  return next === -1 ? block.length : next + 1;
}

/** @param latin1 a character for each byte */
function decoded(number: number, latin1: string): Line {
  const bytes = Buffer.from(latin1, 'latin1');
  const text = bytes.toString('utf8');
  // One that is too long may have been cut within a character: that it is too long says more.
  if (isUtf8(bytes) || bytes.length > limits.eventBytesMax) return { number, text };
  return { number, text, fault: notUtf8 };
}

/**
 * Events from a file or from stdin: NDJSON, gzipped or not. One line after the other, with its number, in bounded
 * memory, cut as a replay cuts them.
 */
export type Line = {
  readonly number: number;
  readonly text: string;
  /** Why it can be no event, whatever its text says. */
  readonly fault?: string;
};

/**
 * Blocks of lines, blank ones left out.
 * @throws WeirError (2) when the file cannot be opened, or is cut off inside its gzip data
 */
export async function* eventLines(file: string, stdin: Readable): AsyncGenerator<Line[]> {
  for await (const { bytes, firstLine, release } of blocks(file, stdin)) {
    yield* linesOf(bytes, firstLine);
    release();
  }
}
