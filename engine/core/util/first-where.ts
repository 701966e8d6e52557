/**
 * Binary search: the first of the positions 0 … length − 1 at which `holds` is true; `length` when it is true at none.
 * @param holds false up to some position, and true from there on
 */
export function firstWhere(length: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
