/**
 * Lines as items. The only place that cuts NDJSON: a body that arrived over HTTP, and a block of a file in a replay.
 * Lines end with LF; blank ones do not count, and JSON white space around the others is dropped, CR included.
 *
 * Some lines are decoded together, since one call for each line costs more than the decoding. Not all of them at once:
 * they are parsed while they are still in the processor's cache (256 KiB at once cost 200 ns a line, 32 KiB 35 ns).
 */
import { isUtf8 } from 'node:buffer';
import { trimmed } from '../../../core/ingest/json-split.ts';
import { decoded, type Item } from '../item.ts';

const newline = 10;
const decodedTogether = 1 << 15;

/** @param firstLine number of the first line */
export function* linesOf(bytes: Buffer, firstLine: number): Generator<readonly Item[]> {
  let line = firstLine;
  for (let from = 0; from < bytes.length;) {
    const end = endOfLines(bytes, from);
    const part = bytes.subarray(from, end);
    const valid = isUtf8(part);
    // Cut as bytes if not all are UTF-8, so that one bad byte does not spoil the other lines.
    const texts = part.toString(valid ? 'utf8' : 'latin1').split('\n');
    if (texts.at(-1) === '') texts.pop();
    const items: Item[] = [];
    for (const untrimmed of texts) {
      const text = trimmed(untrimmed);
      if (text !== '') items.push(valid && untrimmed.charCodeAt(0) > 32 ? { line, text } : lineItem(line, untrimmed, text, valid));
      line += 1;
    }
    yield items;
    from = end;
  }
}

/** A line that is indented, or that has a character for each of its bytes because the lines around it are not valid. */
function lineItem(line: number, untrimmed: string, text: string, valid: boolean): Item {
  const indent = untrimmed.indexOf(text.charAt(0));
  return {
    line,
    ...(valid ? { text } : decoded(Buffer.from(text, 'latin1'))),
    ...(indent > 0 ? { column: indent + 1 } : {}),
  };
}

/** Behind the last line end within reach; if a line is longer, behind its own. */
function endOfLines(bytes: Buffer, from: number): number {
  if (bytes.length - from <= decodedTogether) return bytes.length;
  const last = bytes.lastIndexOf(newline, from + decodedTogether - 1);
  if (last >= from) return last + 1;
  const next = bytes.indexOf(newline, from + decodedTogether);
  return next === -1 ? bytes.length : next + 1;
}
