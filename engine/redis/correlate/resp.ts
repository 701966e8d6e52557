/**
 * Pieces of the Redis protocol (RESP), for commands that are too hot to have a string made for each of their arguments.
 * ASCII only, character by character: for texts this short that is faster than a call into Node. Each returns the
 * offset behind what it wrote.
 */

/** More than a bulk string takes besides its text. */
export const bulkBytes = 16;

export function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** `$<length>\r\n<text>\r\n` */
export function writeBulk(bytes: Uint8Array, at: number, text: string): number {
  const end = writeText(bytes, writeText(bytes, at, heads[text.length] ?? `$${text.length}\r\n`), text);
  bytes[end] = 13;
  bytes[end + 1] = 10;
  return end + 2;
}

/** What writeBulk() takes for a text of that length. */
export const bulkLength = (length: number): number => (heads[length] ?? `$${length}\r\n`).length + length + 2;

const heads = Array.from({ length: 100 }, (_, length) => `$${length}\r\n`);
