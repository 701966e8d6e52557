/**
 * Characters that control a terminal or disguise a text: C0 and C1 controls, DEL, line and paragraph separators, direction
 * marks. Line feeds and tabs are left alone: code that prints lines handles its own.
 */
const controls = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Escapes them in JSON text. They can only occur inside strings there, so the values stay the same. */
export const escapeControls = (json: string): string =>
  json.replace(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Replaces each of them in other text by one visible character. */
export const replaceControls = (text: string): string => text.replace(controls, '\ufffd');

/** Replaces every control and format character except tabs, so that text from a file cannot control the terminal. */
export const visible = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => (c === '\t' ? c : '\uFFFD'));
