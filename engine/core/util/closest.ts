/** Finds the known word closest to a mistyped one, for "Did you mean" hints. */

/**
 * @param editsMax maximum number of edits. Default: a third of the word's length, rounded up
 * @returns the candidate with the fewest edits, or undefined if all need more than `editsMax`; the first among equals
 */
export function closest(word: string, candidates: Iterable<string>, editsMax: number = Math.ceil(word.length / 3)): string | undefined {
  let found: string | undefined;
  let least = editsMax + 1;
  for (const candidate of candidates) {
    const distance = edits(word.toLowerCase(), candidate.toLowerCase(), least);
    if (distance < least) {
      least = distance;
      found = candidate;
    }
  }
  return found;
}

/** The number of insertions, deletions, replacements and swaps of neighbours between two texts, at most `most`. */
function edits(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1), swapped));
    }
    if (Math.min(...row) >= most) return most;
    before = above;
    above = row;
  }
  return Math.min(above[b.length]!, most);
}
