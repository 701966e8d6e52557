/** The lines of a block, and the values they spell. (Parsed many at once, JSON took as long as line by line: measured.) */
export type BlockLine = { readonly number: number; readonly text: string };

/** Lines that are not blank, without the white space around them. @param firstLine number of the first one */
export function linesOf(bytes: Uint8Array, firstLine: number): BlockLine[] {
  const from = firstLine === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, bytes.byteLength - from).toString('utf8');
  const lines: BlockLine[] = [];
  const parts = text.split('\n');
  for (let i = 0; i < parts.length; i++) {
    const trimmed = parts[i]!.trim();
    if (trimmed !== '') lines.push({ number: firstLine + i, text: trimmed });
  }
  return lines;
}

/** What a line spells, or why it spells nothing. */
export type BlockValue = { readonly value: unknown } | { readonly fault: string };

export const valuesOf = (texts: readonly string[]): BlockValue[] => texts.map(valueOf);

function valueOf(text: string): BlockValue {
  try {
    return { value: JSON.parse(text) };
  } catch (fault) {
    return { fault: (fault as Error).message };
  }
}
