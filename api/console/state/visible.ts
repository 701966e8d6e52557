/**
 * Makes text from events safe to read. It never becomes markup, only text nodes, but text alone can deceive: a bidi
 * override shows `gpj.exe` as `exe.jpg`, a zero-width space makes two names look the same, a newline forges a second line.
 * Such characters are shown by name.
 */

export type Part = { readonly text: string; readonly hidden: boolean };

/**
 * Control and format characters (bidi, zero width, tags), separators other than a space, lone surrogates, invisible
 * fillers, variation selectors, private use and unassigned code points.
 */
const unseen =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u115f\u1160\u2800\u3164\uffa0]|[\u034f]|[\u17b4\u17b5]|[\u180b-\u180d]|\p{Variation_Selector}|(?! )\p{Zs}/u;

const names = new Map(Object.entries({ '\n': '↵', '\t': '⇥', '\r': 'CR', '\0': 'NUL', '\u001b': 'ESC' }));

const nameOf = (character: string): string =>
  names.get(character) ?? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;

/** @param kept characters to leave unchanged: the line ends of text shown in lines */
export function parts(text: string, kept = ''): Part[] {
  const found: { text: string; hidden: boolean }[] = [];
  for (const character of text) {
    const hidden = unseen.test(character) && !kept.includes(character);
    const last = found.at(-1);
    if (hidden || last === undefined || last.hidden) found.push({ text: hidden ? nameOf(character) : character, hidden });
    else last.text += character;
  }
  return found;
}

/** As plain text, for titles and labels. */
export const plain = (text: string, max = 200): string =>
  parts(cut(text, max).text)
    .map((part) => (part.hidden ? `[${part.text}]` : part.text))
    .join('');

/** The beginning of a text, and the number of characters left out. Never splits a surrogate pair. */
export function cut(text: string, max: number): { readonly text: string; readonly left: number } {
  if (text.length <= max) return { text, left: 0 };
  const high = text.charCodeAt(max - 1);
  const end = high >= 0xd800 && high <= 0xdbff ? max - 1 : max;
  return { text: text.slice(0, end), left: text.length - end };
}
