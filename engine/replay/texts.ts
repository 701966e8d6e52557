/**
 * The text of a file or of stdin, in pieces. A piece with invalid UTF-8 is marked, and is a line or a part of a line, so
 * that no other line is affected. A character that is split over two chunks is joined.
 */
import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { inflated } from './file-bytes.ts';

export type Text = { readonly text: string; readonly valid: boolean };

/** Inflates the input if it begins like gzip. */
export async function* texts(source: Readable): AsyncGenerator<Text> {
  let begun: Buffer = Buffer.alloc(0);
  for await (const chunk of inflated(source)) {
    const bytes = Buffer.concat([begun, chunk]);
    const end = lastCharacter(bytes);
    yield* textsOf(bytes.subarray(0, end));
    begun = bytes.subarray(end);
  }
  yield* textsOf(begun);
}

/** The start of the last character, which may continue in the next chunk; after an ASCII character, the end. */
function lastCharacter(bytes: Buffer): number {
  const tail = bytes.subarray(-4);
  const start = tail.findLastIndex((byte) => byte < 0x80 || byte >= 0xc0);
  return start === -1 || tail[start]! < 0x80 ? bytes.length : bytes.length - tail.length + start;
}

function* textsOf(bytes: Buffer): Generator<Text> {
  if (isUtf8(bytes)) return yield { text: bytes.toString(), valid: true };
  for (const latin1 of bytes.toString('latin1').split(/(?<=[\r\n])/)) {
    const line = Buffer.from(latin1, 'latin1');
    yield { text: line.toString(), valid: isUtf8(line) };
  }
}
