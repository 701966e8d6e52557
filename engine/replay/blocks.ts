/**
 * Cuts a file into blocks of whole items, as bytes. Each block is sent to a thread, which reads and matches it. Gzip is
 * inflated. The file's format says which byte separates its items; in NDJSON it is the line end. An item that is longer
 * than any event is cut, so that a file without separators stays within bounds.
 *
 * Each block is read into its own buffer, after the beginning of an item that the block before left over; so only that
 * beginning is copied.
 */
import type { Readable } from 'node:stream';
import { WeirError, exitCodes } from '../errors.ts';
import { fileForm, formatOfFile } from '../runtime/ingest/formats/registry.ts';
import { withoutMark } from '../runtime/ingest/item.ts';
import { openBytes, type Bytes } from './file-bytes.ts';

/** The part of a block that a thread gets. */
export type BlockBytes = {
  /** Name of the file's format. */
  readonly format: string;
  /** Whole items, each followed by its separator (the last one of a file may lack it). */
  readonly bytes: Uint8Array;
  /** Number of its first line in the file, from 1. */
  readonly firstLine: number;
  /** Offset of its first byte in the file, from 0. Bytes of items that were cut do not count. */
  readonly firstByte: number;
  /** Line ends in it. */
  readonly lineEnds: number;
};

/** `release`: call it when the bytes are no longer needed; after that they may be overwritten. */
export type Block = BlockBytes & { release(): void };

/** Longer items are cut. This is far more than an event may have, so a cut item is rejected as too large. */
export const itemBytesMax = 1_048_576;

/** Bytes of a block, unless a single item is longer. */
export const blockBytesUsual = 1 << 18;
const newline = 10;

/**
 * @param blockBytes size of a block; a longer item makes a longer block
 * @throws WeirError (2) when the file cannot be opened, or is cut off inside its gzip data
 */
export async function* blocks(file: string, stdin: Readable, blockBytes = blockBytesUsual): AsyncGenerator<Block> {
  const cannotRead = (fault: unknown): WeirError =>
    new WeirError(`cannot read ${file}: ${(fault as Error).message}`, 'Give a readable NDJSON file, gzipped or not.', exitCodes.usage);
  let source: Bytes | undefined;
  try {
    source = await openBytes(file, stdin);
    yield* wholeItems(source, blockBuffers(blockBytes));
  } catch (fault) {
    throw cannotRead(fault);
  } finally {
    await source?.close();
  }
}

async function* wholeItems({ read }: Bytes, buffers: BlockBuffers): AsyncGenerator<Block> {
  let firstLine = 1;
  let firstByte = 0;
  let format = '';
  let separator = newline;
  let buffer = buffers.take(Buffer.alloc(0));
  /** Bytes of the unfinished item at the beginning of the buffer. */
  let begun = 0;
  let cutting = false;
  let reading = read(buffer, 0);

  function block(bytes: Buffer, of: Buffer): Block {
    const lineEnds = lineEndsIn(bytes);
    const place = { firstLine, firstByte };
    firstLine += lineEnds;
    firstByte += bytes.length;
    return { format, bytes, ...place, lineEnds, release: () => buffers.give(of) };
  }

  for (let got = await reading; got > 0; got = await reading) {
    if (format === '') {
      format = formatOfFile(withoutMark(buffer.subarray(0, got)));
      separator = fileForm(format).separator;
    }
    const from: number = cutting ? buffer.subarray(begun, begun + got).indexOf(separator) : 0;
    if (from > 0) buffer.copyWithin(begun, begun + from, begun + got);
    const end = from === -1 ? begun : begun + got - from;
    cutting &&= from === -1;
    const last = buffer.subarray(0, end).lastIndexOf(separator);
    const whole = buffer.subarray(0, last + 1);
    const rest = buffer.subarray(last + 1, Math.min(end, last + 1 + itemBytesMax));
    cutting ||= end - (last + 1) > itemBytesMax;
    const filled = buffer;
    buffer = buffers.take(rest);
    begun = rest.length;
    // Reads on while the block is used. If the consumer stops meanwhile, an error of this read is not reported.
    reading = read(buffer, begun);
    reading.catch(() => undefined);
    if (whole.length > 0) yield block(whole, filled);
    else buffers.give(filled);
  }
  if (begun > 0) yield block(buffer.subarray(0, begun), buffer);
}

function lineEndsIn(bytes: Buffer): number {
  let count = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, end + 1)) count += 1;
  return count;
}

/**
 * Buffers for blocks. They are reused as soon as a block is done. Otherwise only the garbage collector could free them,
 * and it would scan all live objects again and again, which took a tenth of a replay. The memory is shared, so that every
 * thread reads the same bytes.
 */
export type BlockBuffers = {
  /** @param begun the bytes at the beginning of the buffer; there is room for more after them */
  take(begun: Uint8Array): Buffer;
  /** Takes back a buffer that is no longer used. */
  give(buffer: Buffer): void;
};

/** Number of free buffers that are kept; the garbage collector gets the others. */
const keptMax = 64;

/** @param usual bytes of a buffer, unless a larger one is needed */
function blockBuffers(usual: number): BlockBuffers {
  const free: Buffer[] = [];
  const made = (bytes: number): Buffer => Buffer.from(new SharedArrayBuffer(bytes));
  return {
    take(begun) {
      const fits = begun.length <= usual / 2;
      const buffer = (fits ? free.pop() : undefined) ?? made(fits ? usual : begun.length + usual);
      buffer.set(begun);
      return buffer;
    },
    give(buffer) {
      if (buffer.length === usual && free.length < keptMax) free.push(buffer);
    },
  };
}
