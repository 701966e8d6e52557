/** What a bench reports. `ours` and `floor` are in `unit`; `ratio` is held against `budget`. */
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

export const met = ({ ratio, ours, budget }: BenchResult): boolean => {
  const figure = ratio ?? ours;
  return figure >= (budget.least ?? -Infinity) && figure <= (budget.most ?? Infinity);
};

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
