/**
 * Decodes the bytes of a rule file. Text that is not UTF-8 is refused with its position: a value with one character
 * replaced by U+FFFD would silently match nothing.
 */
import { isUtf8 } from 'node:buffer';

export type RuleText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly line: number; readonly column: number; readonly message: string };

/** @returns the text, or line and column, from 1, of the first invalid byte */
export function ruleText(bytes: Buffer): RuleText {
  const wide = utf16Mark(bytes);
  if (wide !== undefined) return { ok: false, line: 1, column: wide + 1, message: 'the file is UTF-16, not UTF-8' };
  if (isUtf8(bytes)) return { ok: true, text: bytes.toString() };
  const lines = bytes.toString('latin1').split('\n');
  const line = lines.findIndex((each) => !isUtf8(Buffer.from(each, 'latin1')));
  const wrong = Buffer.from(lines[line]!, 'latin1');
  return { ok: false, line: line + 1, column: charactersBefore(wrong) + 1, message: 'the file holds bytes that are not UTF-8' };
}

/** The offset that shows that the text is UTF-16: that of its byte order mark, or of the NUL next to the first character. */
function utf16Mark(bytes: Buffer): number | undefined {
  if (/^(?:fffe|feff)/.test(bytes.toString('hex', 0, 2))) return 0;
  const nul = bytes.subarray(0, 4).indexOf(0);
  return nul === -1 ? undefined : nul;
}

/** Number of characters before the first invalid byte, which decodes to U+FFFD without being one. A byte order mark does not count. */
function charactersBefore(line: Buffer): number {
  const text = line.toString();
  let at = 0;
  let offset = 0;
  for (const part of text.split('\uFFFD')) {
    at += part.length;
    offset += Buffer.byteLength(part);
    if (line.toString('hex', offset, offset + 3) !== 'efbfbd') break;
    at += 1;
    offset += 3;
  }
  return text.startsWith('\uFEFF') ? at - 1 : at;
}
