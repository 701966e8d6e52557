/**
 * The lines of a block, and the values they spell. (Parsed many at once, JSON took as long as line by line: measured.)
 * A line is cut and judged as ingest does it (api/ingest/batch.ts).
 */
import { isUtf8 } from 'node:buffer';
import { limits } from '../../core/limits.ts';
import { trimmed } from '../../core/json-split.ts';
import type { Line as BlockLine } from '../event-lines.ts';

export type { BlockLine };

/** Lines that are not blank, without the white space around them. @param firstLine number of the first one */
export function linesOf(bytes: Uint8Array, firstLine: number): BlockLine[] {
  const from = firstLine === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const plain = Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.byteLength - from);
  const valid = isUtf8(plain);
  const lines: BlockLine[] = [];
  // Cut as bytes where not all are UTF-8, so that one bad byte does not take the other lines with it.
  const parts = plain.toString(valid ? 'utf8' : 'latin1').split('\n');
  for (let i = 0; i < parts.length; i++) {
    const text = trimmed(parts[i]!);
    if (text !== '') lines.push(valid ? { number: firstLine + i, text } : decoded(firstLine + i, text));
  }
  return lines;
}

/** @param latin1 a character for each byte */
function decoded(number: number, latin1: string): BlockLine {
  const bytes = Buffer.from(latin1, 'latin1');
  const text = bytes.toString('utf8');
  // One that is too long may have been cut within a character: that it is too long says more.
  if (isUtf8(bytes) || bytes.length > limits.eventBytesMax) return { number, text };
  return { number, text, fault: 'invalid-utf8: holds bytes that are not UTF-8' };
}

/** What a line spells, or why it spells nothing. */
export type BlockValue = { readonly value: unknown } | { readonly fault: string };

export const valuesOf = (texts: readonly string[]): BlockValue[] => texts.map(valueOf);

function valueOf(text: string): BlockValue {
  try {
    return { value: JSON.parse(text) };
  } catch (fault) {
    return { fault: (fault as Error).message };
  }
}
