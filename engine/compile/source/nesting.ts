/**
 * Bounds that a text must keep before it is parsed as YAML: how deep it may be nested, and how many values it may have.
 * The parser takes a kilobyte for each value and a frame of the stack for each level, whatever becomes of them.
 *
 * One linear scan, without knowing what is quoted: it takes each bracket, comma and line for what it may be. So the bounds
 * are generous; what is really nested too deeply is refused at its place after parsing (yaml.ts).
 */
import { limits } from '../../core/limits.ts';

export type Excess = { readonly offset: number; readonly of: 'levels' | 'values' };

/** Brackets in quoted text count as well, so more of them are allowed than the document may have levels. */
const levelsMax = limits.documentDepthMax * 16;

/** Where the text passes a bound; undefined if it keeps both. */
export function excessOf(text: string): Excess | undefined {
  let brackets = 0;
  let values = 0;
  /** Columns at which the blocks that are open begin, by indentation or by `- ` and `? ` on the same line. */
  const blocks: number[] = [];
  for (let at = 0, lineStart = 0, leading = true; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === lineFeed) {
      lineStart = at + 1;
      leading = true;
      values++;
    } else if (leading && c !== space && c !== tab) {
      const column = at - lineStart;
      while (blocks.length > 0 && blocks.at(-1)! >= column) blocks.pop();
      blocks.push(column);
      leading = isIndicator(c) && isWhite(text.charCodeAt(at + 1));
      if (leading) values++;
    }
    if (c === comma) values++;
    else if (c === 0x5b || c === 0x7b) {
      brackets++;
      values++;
    } else if (c === 0x5d || c === 0x7d) brackets = Math.max(0, brackets - 1);
    if (brackets + blocks.length > levelsMax) return { offset: at, of: 'levels' };
    if (values > limits.documentValuesMax) return { offset: at, of: 'values' };
  }
  return undefined;
}

const lineFeed = 0x0a;
const space = 0x20;
const tab = 0x09;
const comma = 0x2c;

/** `-`, `?` and `:` open a block inside a line. */
const isIndicator = (c: number): boolean => c === 0x2d || c === 0x3f || c === 0x3a;

/** Also at the end of the text, where the code is NaN. */
const isWhite = (c: number): boolean => c === space || c === tab || c === lineFeed || c === 0x0d || Number.isNaN(c);
