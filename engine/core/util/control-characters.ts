/**
 * Characters that steer a terminal, or make a text look like another: C0 and C1 controls, DEL, line and paragraph
 * separators, marks of direction. Line ends and tabs are not among them: whoever writes lines knows his own.
 */
const steering = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** In JSON text, where such a character can only stand in a string: the same string, spelled harmlessly. */
export const escapeControls = (json: string): string =>
  json.replace(steering, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** In any other text: one visible cell for each. */
export const replaceControls = (text: string): string => text.replace(steering, '\ufffd');

/** One cell for each character: nothing of a file steers the terminal. */
export const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => (c === '\t' ? c : '\uFFFD'));
