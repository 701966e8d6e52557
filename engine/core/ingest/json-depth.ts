/** How deep a JSON text is nested, without parsing it: a parser needs memory for each level before it can refuse one. */

const quote = 0x22;
const backslash = 0x5c;

/** Whether the text, in UTF-8, opens more than `max` brackets inside each other. It need not be valid JSON. */
export function isDeeperThan(bytes: Uint8Array, max: number): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case quote:
        for (at++; at < bytes.length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
        break;
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > max) return true;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
  return false;
}
