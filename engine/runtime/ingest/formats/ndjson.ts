/**
 * NDJSON: one object a line. A body may also be an array, or one object over many lines if that is JSON; a file may
 * not, since it is read in blocks.
 */
import { itemsOfBody } from '../cut/body.ts';
import { linesOf } from '../cut/lines.ts';
import type { Item } from '../item.ts';
import type { Format } from './format.ts';
import { nativeReplies } from './native-replies.ts';

export const ndjson: Format = {
  name: 'ndjson',
  mediaTypes: ['application/x-ndjson'],
  takes: /^application\/(?:x-)?(?:ndjson|jsonl|json-lines|jsonlines)$/,
  items: (body, { eventBytesMax, requestEventsMax }) => itemsOfBody(body, requestEventsMax, (whole) => isJson(whole, eventBytesMax)),
  replies: nativeReplies,
  file: { separator: 0x0a, items: linesOf },
};

function isJson({ text, badBytes }: Item, lengthMax: number): boolean {
  if ((badBytes ?? text.length) > lengthMax) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
