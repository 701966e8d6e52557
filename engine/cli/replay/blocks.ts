/**
 * A file as blocks of whole lines, in bytes: what is sent to a thread to be read and matched there. Gzip is inflated.
 * A line that is longer than any event is cut, so that a file without line ends stays within bounds.
 */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { WeirError, exitCodes } from '../../errors.ts';
import { inflated } from '../file-bytes.ts';

export type Block = {
  /** Whole lines, the last one with its line end unless the file ends without one. The buffer is the block's own: it can be handed over. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Number of its first line in the file, from 1. */
  readonly firstLine: number;
  /** As many line ends as it has; a last line without one comes on top. */
  readonly lineEnds: number;
};

/** A line is cut here: far more than an event may have, so what is cut is rejected as too large. */
export const lineBytesMax = 1_048_576;

const newline = 10;

/** Through a Buffer, whose search is the platform's: that of a Uint8Array looks at byte after byte. */
function lineEndsIn({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): number {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  let count = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, end + 1)) count += 1;
  return count;
}

/** @throws WeirError (2) when the file cannot be opened, or is cut off inside its gzip data */
export async function* blocks(file: string, stdin: Readable): AsyncGenerator<Block> {
  const source = file === '-' ? stdin : createReadStream(file, { highWaterMark: 1 << 18 });
  let firstLine = 1;
  let carry: Buffer = Buffer.alloc(0);
  let cutting = false;

  function block(...parts: readonly Uint8Array[]): Block {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    const made = { bytes, firstLine, lineEnds: lineEndsIn(bytes) };
    firstLine += made.lineEnds;
    return made;
  }

  try {
    for await (const chunk of inflated(source)) {
      const first = cutting ? chunk.indexOf(newline) : 0;
      if (first === -1) continue;
      cutting = false;
      const last = chunk.lastIndexOf(newline);
      if (last === -1) carry = Buffer.concat([carry, chunk]);
      else {
        yield block(carry, chunk.subarray(first, last + 1));
        carry = Buffer.from(chunk.subarray(last + 1));
      }
      if (carry.length > lineBytesMax) {
        carry = carry.subarray(0, lineBytesMax);
        cutting = true;
      }
    }
  } catch (fault) {
    throw new WeirError(
      `cannot read ${file}: ${(fault as Error).message}`,
      'Give a readable NDJSON file, gzipped or not.',
      exitCodes.usage,
    );
  }
  if (carry.length > 0) yield block(carry);
}
