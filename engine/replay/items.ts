/**
 * The items of a file or of stdin, gzipped or not, in bounded memory. The file's format separates them in the same way as
 * HTTP ingest does (engine/runtime/ingest/formats/).
 */
import type { Readable } from 'node:stream';
import { envelope, type Envelope, type EnvelopeContext } from '../core/ingest/envelope.ts';
import type { Rejection } from '../core/ingest/rejection.ts';
import { limits } from '../core/limits.ts';
import { fileForm } from '../runtime/ingest/formats/registry.ts';
import { parseItem, withoutMark, type Item, type Items } from '../runtime/ingest/item.ts';
import { blocks, type BlockBytes } from './blocks.ts';

export function itemsOfBlock({ format, bytes, firstLine, firstByte }: Omit<BlockBytes, 'lineEnds'>): Items {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return fileForm(format).items(firstByte === 0 ? withoutMark(block) : block, firstLine, firstByte);
}

/** @throws WeirError (2) when the file cannot be opened, or is cut off inside its gzip data */
export async function* itemsOfFile(file: string, stdin: Readable): AsyncGenerator<readonly Item[]> {
  for await (const block of blocks(file, stdin)) {
    yield* itemsOfBlock(block);
    block.release();
  }
}

/** The parsed JSON, or an Unreadable. Blocks cut items that are longer than any event. */
export const valueOf = (item: Item): unknown => parseItem(item, limits.eventBytesMax, true);

/** The id of an event without one: its place in the file. */
export const envelopeOfItem = (value: unknown, item: Item, context: EnvelopeContext): Envelope | Rejection =>
  envelope(value, context, () => idOfItem(item), item.defaults);

const idOfItem = ({ line, byte }: Item): string => (byte === undefined ? `line-${line}` : `byte-${byte}`);

/** The text that is reported on stderr. */
export const rejectionText = ({ code, detail }: Rejection): string => `${code}: ${detail}`;
