/**
 * The elements of a JSON array as items: an element that is not JSON is rejected alone. An array that is not closed
 * rejects the whole body: it was cut off on its way, and its sender will send it again.
 */
import { isUtf8 } from 'node:buffer';
import { findJsonFault, lineAndColumn } from '../../../core/ingest/json-fault.ts';
import { isBlank, splitArray } from '../../../core/ingest/json-split.ts';
import { decoded, type Item, type Items, type NoItems } from '../item.ts';

/** Characters that are searched for the fault of an array that is not closed. */
const searchedMax = 1 << 20;

/**
 * @param body its first character that is not white space opens the array
 * @param max elements, beyond which only one more is cut
 */
export function elementsOf(body: Buffer, max: number): Items | NoItems {
  const valid = isUtf8(body);
  // Cut as bytes if not all are UTF-8, so that one bad byte does not spoil the other elements.
  const text = body.toString(valid ? 'utf8' : 'latin1');
  const { bounds, end } = splitArray(text, text.indexOf('[') + 1, max);
  if (bounds.length > 2 * max) return elements(text, bounds, valid);
  if (end !== -1 && text[end - 1] === ']') {
    if (isBlank(text, end, text.length)) return elements(text, bounds, valid);
    const at = end + (/\S/.exec(text.slice(end, end + 4096))?.index ?? 0);
    return broken(text, at, bounds.length / 2, 'there is more text after the end of the array');
  }
  const found = findJsonFault(text.slice(0, searchedMax));
  const fault = found !== undefined && found.at < searchedMax ? found : undefined;
  const detail = `the array is not closed: ${fault?.detail ?? 'it ends too early'}`;
  return broken(text, fault?.at ?? text.length, bounds.length / 2, detail);
}

const broken = (text: string, at: number, index: number, detail: string): NoItems => ({
  kind: 'broken',
  error: { index, code: 'invalid-json', detail, ...lineAndColumn(text, at) },
});

const elementsTogether = 256;

function* elements(text: string, bounds: readonly number[], valid: boolean): Generator<readonly Item[]> {
  let line = 1;
  let lineStart = 0;
  let lineEnd = text.indexOf('\n');
  let items: Item[] = [];
  for (let i = 0; i < bounds.length; i += 2) {
    const start = bounds[i]!;
    for (; lineEnd !== -1 && lineEnd < start; lineEnd = text.indexOf('\n', lineStart)) {
      line += 1;
      lineStart = lineEnd + 1;
    }
    const element = text.slice(start, bounds[i + 1]);
    const column = start - lineStart + 1;
    items.push(valid ? { line, text: element, column } : { line, ...decoded(Buffer.from(element, 'latin1')), column });
    if (items.length < elementsTogether) continue;
    yield items;
    items = [];
  }
  yield items;
}
