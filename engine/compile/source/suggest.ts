/** Hints for unknown words. */
import { closest } from '../../core/util/closest.ts';

/** Longer words are not typing errors, and not worth comparing. */
const wordLengthMax = 64;
/** More words than this would be too long for a hint. */
const listedMax = 24;

/** The closest known word, if it is similar enough to have been meant; otherwise all known words, if they are few. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = word.length > wordLengthMax ? undefined : closest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return known.length <= listedMax ? `must be one of: ${known.join(', ')}` : '';
}
