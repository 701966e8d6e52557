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
export function blockBuffers(usual: number): BlockBuffers {
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
