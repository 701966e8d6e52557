/**
 * The lines of a block, and the values they spell. All lines are parsed at once, which takes a third less than one by
 * one; where that fails, or does not give one value for each line, they are parsed alone.
 *
 *     [[ line ],⏎[ line ],⏎[ line ]]
 *
 * No line can reach into another one unseen: a text cannot hold a line end, brackets that it leaves open are closed
 * wrongly by the `]` behind it, and whatever else it smuggles in makes an array of another length.
 */
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

export function valuesOf(texts: readonly string[]): BlockValue[] {
  try {
    const all = JSON.parse(`[[${texts.join('],\n[')}]]`) as unknown[][];
    if (all.length === texts.length && all.every((one) => one.length === 1)) return all.map(([value]) => ({ value }));
  } catch {
    // Some line is none: which one, and why, is found below.
  }
  return texts.map(valueOf);
}

function valueOf(text: string): BlockValue {
  try {
    return { value: JSON.parse(text) };
  } catch (fault) {
    return { fault: (fault as Error).message };
  }
}
