/**
 * A file as blocks of whole items, in bytes: what is sent to a thread to be read and matched there. Gzip is inflated.
 * The file's format says which byte separates its items; of NDJSON it is the line end.
 * An item that is longer than any event is cut, so that a file without separators stays within bounds.
 *
 * Each block is read into a buffer of its own, behind the item that the one before had begun; so nothing but that item
 * is copied.
 */
import type { Readable } from 'node:stream';
import { WeirError, exitCodes } from '../errors.ts';
import { fileForm, formatOfFile } from '../runtime/ingest/formats/registry.ts';
import { withoutMark } from '../runtime/ingest/item.ts';
import { openBytes, type Bytes } from './file-bytes.ts';

/** What of a block a thread is given. */
export type BlockBytes = {
  /** Name of the file's format. */
  readonly format: string;
  /** Whole items, the last one with the separator behind it unless the file ends without one. */
  readonly bytes: Uint8Array;
  /** Number of its first line in the file, from 1. */
  readonly firstLine: number;
  /** Offset of its first byte in the file, from 0. Bytes of items that were cut do not count. */
  readonly firstByte: number;
  /** Line ends in it. */
  readonly lineEnds: number;
};

/** `release`: the bytes are not needed any more; they may be overwritten from now on. */
export type Block = BlockBytes & { release(): void };

/** An item is cut here: far more than an event may have, so what is cut is rejected as too large. */
export const itemBytesMax = 1_048_576;

/** Bytes of a block, unless an item is longer. */
export const blockBytesUsual = 1 << 18;
const newline = 10;

/**
 * @param blockBytes of a block; a longer item makes a longer one
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
  /** Bytes of the item that the buffer begins with. */
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
    // While the block is used. Who leaves in between does not hear of what fails.
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
 * Buffers for blocks. They are used again as soon as a block is done with, since memory that only the garbage collector
 * could free has it look through all that is alive again and again: that was a tenth of a replay. And they are shared,
 * so that every thread reads the same bytes.
 */
export type BlockBuffers = {
  /** @param begun bytes that it is to begin with; there is room for more behind them */
  take(begun: Uint8Array): Buffer;
  /** The buffer is nobody's any more. */
  give(buffer: Buffer): void;
};

/** Free buffers that are kept; the rest is left to the garbage collector. */
const keptMax = 64;

/** @param usual bytes of a buffer, unless more are needed */
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
