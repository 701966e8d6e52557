/**
 * A sum that does not drift: a number that was added can be subtracted again without leaving a rounding error.
 *
 * The running sum is kept as a few doubles that do not overlap and together are exact (Shewchuk's expansions, as in
 * Python's fsum); it is rounded once, when it is read. So a window's sum depends only on the set of its values, not on
 * what was in the window before nor on the order: 0.1 + 0.2 + 0.3 is 0.6. Integers need one double.
 */

/** Larger magnitudes count as this one, so that no sum of a log's values overflows. */
const magnitudeMax = 1e290;

export type ExactSum = { add(value: number): void; subtract(value: number): void; total(): number };

export function exactSum(): ExactSum {
  const parts: number[] = [];

  const add = (value: number): void => {
    let x = Math.max(-magnitudeMax, Math.min(magnitudeMax, value));
    let kept = 0;
    for (let i = 0; i < parts.length; i++) {
      let y = parts[i]!;
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low !== 0) parts[kept++] = low;
      x = high;
    }
    parts[kept++] = x;
    parts.length = kept;
  };

  return { add, subtract: (value) => add(-value), total: () => round(parts) };
}

/** The double nearest to the sum of the parts, which grow in magnitude and do not overlap. */
function round(parts: readonly number[]): number {
  let i = parts.length - 1;
  if (i < 0) return 0;
  let high = parts[i]!;
  let low = 0;
  while (i > 0 && low === 0) {
    const x = high;
    const y = parts[--i]!;
    high = x + y;
    low = y - (high - x);
  }
  // Exactly half way between two doubles: the lower parts decide.
  const below = i > 0 ? parts[i - 1]! : 0;
  if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
    const up = high + low * 2;
    if (low * 2 === up - high) high = up;
  }
  return high;
}
