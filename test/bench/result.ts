/** What a bench reports. `ours` and `floor` are in `unit`; `ratio` is compared with `budget`. */
export type BenchResult = {
  readonly name: string;
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  readonly floor: number | undefined;
  readonly ratio: number | undefined;
  /** `least`: the ratio (or ours, without a floor) must not be below; `most`: not above. */
  readonly budget: { readonly least?: number; readonly most?: number };
};

/** `full` measures; `smoke` only shows that the bench works. */
export type Scale = 'full' | 'smoke';

export const met = ({ ratio, ours, budget }: BenchResult): boolean => {
  const figure = ratio ?? ours;
  return figure >= (budget.least ?? -Infinity) && figure <= (budget.most ?? Infinity);
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The smallest value that at least the given share of the values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}
