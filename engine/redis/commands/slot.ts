/**
 * The slot of a key, as Redis Cluster defines it: the CRC16 (XMODEM) of its hash tag modulo 16,384. The hash tag is the
 * text between the first `{` and the next `}`; if there is none, or it is empty, the whole key is hashed.
 */
export const slotCount = 16_384;

export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  const [from, to] = close > open + 1 ? [open + 1, close] : [0, key.length];
  let crc = 0;
  for (let i = from; i < to; i++) {
    const code = key.charCodeAt(i);
    if (code > 0x7f) return slotOfBytes(Buffer.from(key.slice(from, to)));
    crc = next(crc, code);
  }
  return crc % slotCount;
}

const slotOfBytes = (bytes: Uint8Array): number => bytes.reduce(next, 0) % slotCount;

const next = (crc: number, byte: number): number => ((crc << 8) & 0xffff) ^ table[(crc >>> 8) ^ byte]!;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
  return crc;
});
