/**
 * A format as an outsider might add one, which shares nothing with the product's: JSON text sequences (RFC 7464), whose
 * records are envelopes around events, and whose clients expect answers of their own.
 *
 *     <RS>{"at":1767225600000,"feed":"waf","event":{"user":"u7"}}<LF>
 */
import { rejected } from '../../engine/core/ingest/rejection.ts';
import type { Format } from '../../engine/runtime/ingest/formats/format.ts';
import { decoded, type Item } from '../../engine/runtime/ingest/item.ts';

const separator = 0x1e;

export const envelopedSeq: Format = {
  name: 'enveloped-seq',
  mediaTypes: ['application/json-seq'],
  takes: /^application\/json-seq$/,
  items: (body) => (body.toString().trim() === '' ? { kind: 'empty' } : records(body, 1, 0)),
  replies: {
    taken: ({ accepted, rejections }) => ({
      kind: 'answer',
      status: 200,
      body: { text: accepted === 0 ? 'Failure' : 'Success', failed: rejections.map(({ index, rejection: { code } }) => ({ index, code })) },
    }),
    refused: ({ status, code, headers }) => ({ kind: 'answer', status, body: { text: 'Refused', because: code }, headers }),
  },
  file: { begins: (bytes) => bytes[0] === separator, separator, items: records },
};

function* records(block: Buffer, firstLine: number, firstByte: number): Generator<readonly Item[]> {
  let line = firstLine;
  for (let from = 0, end; from <= block.length; from = end + 1) {
    end = block.indexOf(separator, from);
    if (end === -1) end = block.length;
    const { text, badBytes } = decoded(block.subarray(from, end));
    if (text.trim() !== '')
      yield [{ line, byte: firstByte + from, ...(badBytes === undefined ? record(text.trim()) : { text: text.trim(), badBytes }) }];
    line += text.split('\n').length - 1;
  }
}

function record(text: string): Omit<Item, 'line'> {
  let envelope: { at?: number; feed?: string; event?: object } | null;
  try {
    envelope = JSON.parse(text) as typeof envelope;
  } catch {
    return { text };
  }
  if (envelope?.event === undefined) return { text, rejection: rejected('not-an-object', 'the record has no event') };
  const { at, feed, event } = envelope;
  return {
    text: JSON.stringify(event),
    defaults: { ...(at === undefined ? {} : { time: at }), ...(feed === undefined ? {} : { dataset: feed }) },
  };
}
