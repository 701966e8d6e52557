/** How many of each word: made for many in a row that are the same, as the datasets of one request are. */
export type Tally = {
  take(word: string): void;
  finish(): ReadonlyMap<string, number>;
};

export function tally(): Tally {
  const counts = new Map<string, number>();
  let last = '';
  let inRow = 0;
  const close = (): void => {
    if (inRow > 0) counts.set(last, (counts.get(last) ?? 0) + inRow);
  };
  return {
    take(word) {
      if (word !== last) {
        close();
        last = word;
        inRow = 0;
      }
      inRow += 1;
    },
    finish() {
      close();
      inRow = 0;
      return counts;
    },
  };
}
