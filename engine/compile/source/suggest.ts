/** Hints for unknown words. */
import { closest } from '../../core/util/closest.ts';

/** Longer words are not typing errors, and not worth comparing. */
const wordLengthMax = 64;
/** More words than this would be too long for a hint. */
const listedMax = 24;

/** The known word that was probably meant. */
const nearest = (word: string, known: readonly string[]): string | undefined =>
  word.length > wordLengthMax ? undefined : closest(word, known);

/** Whether the word is clearly a typing error. Stricter than a hint, so that `type` is not taken for a misspelt `title`. */
export const isMisspelt = (word: string, known: readonly string[]): boolean =>
  word.length <= wordLengthMax && closest(word, known, Math.max(1, Math.floor(word.length / 3))) !== undefined;

/** The closest known word, if it is similar enough to have been meant; otherwise all known words, if they are few. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length <= listedMax ? `must be one of: ${known.join(', ')}` : '';
}
