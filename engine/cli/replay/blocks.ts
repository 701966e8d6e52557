/**
 * A file as blocks of whole lines, in bytes: what is sent to a thread to be read and matched there. Gzip is inflated.
 * A line that is longer than any event is cut, so that a file without line ends stays within bounds.
 *
 * Each block is read into a buffer of its own, behind the line that the one before had begun; so nothing but that line
 * is copied, and the buffer can be handed over.
 */
import type { Readable } from 'node:stream';
import { WeirError, exitCodes } from '../../errors.ts';
import { openBytes, type Bytes } from '../file-bytes.ts';

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

const readBytes = 1 << 18;
const newline = 10;

/** @throws WeirError (2) when the file cannot be opened, or is cut off inside its gzip data */
export async function* blocks(file: string, stdin: Readable): AsyncGenerator<Block> {
  const cannotRead = (fault: unknown): WeirError =>
    new WeirError(`cannot read ${file}: ${(fault as Error).message}`, 'Give a readable NDJSON file, gzipped or not.', exitCodes.usage);
  let source: Bytes | undefined;
  try {
    source = await openBytes(file, stdin);
    yield* wholeLines(source);
  } catch (fault) {
    throw cannotRead(fault);
  } finally {
    await source?.close();
  }
}

async function* wholeLines({ read }: Bytes): AsyncGenerator<Block> {
  let firstLine = 1;
  let buffer: Buffer = Buffer.allocUnsafeSlow(readBytes);
  /** Bytes of the line that the buffer begins with. */
  let begun = 0;
  let cutting = false;
  let reading = read(buffer, 0);

  function block(bytes: Buffer): Block {
    const made = { bytes: bytes as Uint8Array<ArrayBuffer>, firstLine, lineEnds: lineEndsIn(bytes) };
    firstLine += made.lineEnds;
    return made;
  }

  for (let got = await reading; got > 0; got = await reading) {
    const from: number = cutting ? buffer.subarray(begun, begun + got).indexOf(newline) : 0;
    if (from > 0) buffer.copyWithin(begun, begun + from, begun + got);
    const end = from === -1 ? begun : begun + got - from;
    cutting &&= from === -1;
    const last = buffer.subarray(0, end).lastIndexOf(newline);
    const whole = buffer.subarray(0, last + 1);
    const rest = buffer.subarray(last + 1, Math.min(end, last + 1 + lineBytesMax));
    cutting ||= end - (last + 1) > lineBytesMax;
    buffer = Buffer.allocUnsafeSlow(rest.length + readBytes);
    buffer.set(rest);
    begun = rest.length;
    // While the block is used. Who leaves in between does not hear of what fails.
    reading = read(buffer, begun);
    reading.catch(() => undefined);
    if (whole.length > 0) yield block(whole);
  }
  if (begun > 0) yield block(buffer.subarray(0, begun));
}

function lineEndsIn(bytes: Buffer): number {
  let count = 0;
  for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, end + 1)) count += 1;
  return count;
}
