/**
 * Splits the text of a JSON array into the texts of its elements, without parsing them: each element keeps the exact text
 * of its producer, and an element that is not valid JSON fails alone.
 *
 *     [ {"a":1} , {"a":} ,{"b":[2,3]}]
 *       ^^^^^^^^^^ ^^^^^^^^ ^^^^^^^^^^^     cut at commas outside of strings and brackets
 *
 * A string or bracket that is never closed cannot be isolated: it is unknown where the next element begins, and a body
 * that was truncated in transit looks the same. So the whole array is refused.
 */
export type Split = {
  /** Start and end offsets of the elements, alternating, without surrounding white space. */
  readonly bounds: readonly number[];
  /** Offset after the closing bracket; -1 if there is none, or if there are more elements than were asked for. */
  readonly end: number;
};

const quote = 34;
const backslash = 92;

/**
 * @param from offset of the first character after the opening bracket
 * @param max elements after which it stops, with one more, so that a body of commas costs no more than its bound
 */
export function splitArray(text: string, from: number, max = Infinity): Split {
  const bounds: number[] = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = closingQuote(text, at);
        break;
      case 91: // [
      case 123: // {
        depth++;
        break;
      case 44: // ,
        if (depth > 0) break;
        pushTrimmed(bounds, text, start, at);
        if (bounds.length > 2 * max) return { bounds, end: -1 };
        start = at + 1;
        break;
      case 93: // ]
      case 125: // }
        if (depth > 0) {
          depth--;
          break;
        }
        if (bounds.length > 0 || !isBlank(text, start, at)) pushTrimmed(bounds, text, start, at);
        return { bounds, end: at + 1 };
    }
  }
  return { bounds, end: -1 };
}

/** The offset of the quote that closes the string opened at `open`; the length of the text if there is none. */
function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === quote) return at;
    if (c === backslash) at++;
  }
  return text.length;
}

/** Whether there is only JSON white space between the offsets. */
export function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const c = text.charCodeAt(at);
    if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return false;
  }
  return true;
}

/** The text without surrounding JSON white space. Other white space is kept, since it is an error. */
export function trimmed(text: string): string {
  if (text.charCodeAt(0) > 32 && text.charCodeAt(text.length - 1) > 32) return text;
  const bounds: number[] = [];
  pushTrimmed(bounds, text, 0, text.length);
  return text.slice(bounds[0], bounds[1]);
}

/** Pushes the offsets without the JSON white space at both ends. */
function pushTrimmed(bounds: number[], text: string, start: number, end: number): void {
  let from = start;
  let to = end;
  while (from < to && isBlank(text, from, from + 1)) from++;
  while (to > from && isBlank(text, to - 1, to)) to--;
  bounds.push(from, to);
}
