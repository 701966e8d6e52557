/** Hints for a word that is none of the known ones. */
import { closest } from '../../core/util/closest.ts';

/** Longer words are no typing errors, and not worth comparing. */
const wordLengthMax = 64;
/** More words than this are a page, not a hint. */
const listedMax = 24;

/** The known word that was probably meant. */
const nearest = (word: string, known: readonly string[]): string | undefined =>
  word.length > wordLengthMax ? undefined : closest(word, known);

/** True when the word is surely a typing error: stricter than a hint, so that `type` is not taken for a misspelt `title`. */
export const isMisspelt = (word: string, known: readonly string[]): boolean =>
  word.length <= wordLengthMax && closest(word, known, Math.max(1, Math.floor(word.length / 3))) !== undefined;

/** The nearest known word, if it is near enough to have been meant; else all of them, where they are few. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length <= listedMax ? `one of: ${known.join(', ')}` : '';
}
