/** The conditions of an aggregate: which numbers fulfil them, and what follows for numbers that only grow. */
export type Comparator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';
export type Comparison = { readonly op: Comparator; readonly value: number };

/** True when the number fulfils every comparison. */
export function holds(condition: readonly Comparison[], value: number): boolean {
  for (const { op, value: bound } of condition) {
    if (!compare(op, value, bound)) return false;
  }
  return true;
}

function compare(op: Comparator, value: number, bound: number): boolean {
  switch (op) {
    case 'gt':
      return value > bound;
    case 'gte':
      return value >= bound;
    case 'lt':
      return value < bound;
    case 'lte':
      return value <= bound;
    case 'eq':
      return value === bound;
    case 'neq':
      return value !== bound;
  }
}

/** True when a larger number always fulfils what a smaller one fulfils. */
export const upward = (condition: readonly Comparison[]): boolean => condition.every(({ op }) => op === 'gt' || op === 'gte');

/** The smallest count (an integer, at least 1) that is not too small for any comparison. */
export function leastCount(condition: readonly Comparison[]): number {
  let least = 1;
  for (const { op, value } of condition) {
    if (op === 'gt') least = Math.max(least, Math.floor(value) + 1);
    else if (op === 'gte' || op === 'eq') least = Math.max(least, Math.ceil(value));
  }
  return least;
}

/** The smallest sum that may fulfil an upward condition, if it is positive: only then are values needed to reach it. */
export function leastSum(condition: readonly Comparison[]): number | undefined {
  const least = Math.max(...condition.map(({ op, value }) => (op === 'gt' || op === 'gte' ? value : -Infinity)));
  return upward(condition) && least > 0 && Number.isFinite(least) ? least : undefined;
}

const words: Readonly<Record<Comparator, string>> = {
  gt: 'more than',
  gte: 'at least',
  lt: 'less than',
  lte: 'at most',
  eq: 'exactly',
  neq: 'other than',
};

/** The condition in words: `more than 1 and at most 9`; for `gte` alone just the number. */
export function conditionInWords(condition: readonly Comparison[]): string {
  const [first] = condition;
  if (condition.length === 1 && first?.op === 'gte') return String(first.value);
  return condition.map(({ op, value }) => `${words[op]} ${value}`).join(' and ');
}
