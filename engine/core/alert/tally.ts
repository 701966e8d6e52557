/**
 * Counts the distinct events that take part in the windows of one alert, and collects the entries that take part in any.
 *
 *     entries   a a b c c c d e f          windows of one alert, in order of their ends:
 *               ├─────────┤                 each adds the entries after the previous one
 *                   ├───────────┤
 *                   already  new
 *
 * The windows of an aggregate are ranges of one list in which the entries of an event are adjacent, so the count of a range
 * is the difference of two running sums: a log of n entries with n alerts costs n, where sets of events would cost n².
 * Everything else (sequences, settled windows evaluated on what was known at their due time, events sent again at another
 * time with more values) has few entries or is rare, and is counted with a set.
 */
import type { Entry } from '../correlate/entry.ts';
import type { Fulfilment, Span } from '../correlate/verdict.ts';

/** Shared by all tallies of one plan. */
export type Counting = {
  /** Entries that take part in any of the fulfilments. */
  readonly members: ReadonlySet<Entry>;
  /** Ids of events that are in a base count, by the flag of any of their entries. */
  readonly counted: ReadonlySet<string>;
  /** For aggregates: for each index of the log, the number of events that start before it, all and counted ones. */
  readonly sums: { readonly all: Uint32Array; readonly counted: Uint32Array } | undefined;
};

export type Tally = {
  /** Adds a window. The windows of one alert must be added in order of their ends. */
  take(spans: readonly Span[]): void;
  /** Distinct events so far: those to count from the log, and those flagged as counted. */
  numbers(): { readonly fresh: number; readonly counted: number };
  /** Event times of the first and last entry so far; Infinity and -Infinity before any. */
  readonly first: number;
  readonly last: number;
};

/** @param windows true if each fulfilment is one range of a log (aggregates) */
export function countingOf(fulfilments: readonly Fulfilment[], windows: boolean): Counting {
  const list = fulfilments[0]?.spans[0]?.of;
  const one = windows && fulfilments.every(({ spans }) => spans.length === 1 && spans[0]!.of === list);
  const members = new Set<Entry>();
  const counted = new Set<string>();
  for (const { spans } of fulfilments) {
    for (const { of, from, to } of spans) {
      for (let i = to - 1; i >= from; i--) {
        const entry = of[i]!;
        if (one && members.has(entry)) break;
        members.add(entry);
        if (entry.counted) counted.add(entry.id);
      }
    }
  }
  return { members, counted, sums: one && list !== undefined && sideBySide(list) ? sumsOf(list, counted) : undefined };
}

/** Whether the entries of each event are adjacent and have the same time, so that no window splits them. Always true if each event has one entry. */
function sideBySide(list: readonly Entry[]): boolean {
  if (list.every(({ index }) => index === 0)) return true;
  const begun = new Set<string>();
  return list.every(({ id, time }, i) => {
    const before = list[i - 1];
    return (before?.id === id && before.time === time) || (!begun.has(id) && begun.add(id));
  });
}

function sumsOf(list: readonly Entry[], counted: ReadonlySet<string>) {
  const all = new Uint32Array(list.length + 1);
  const some = new Uint32Array(list.length + 1);
  list.forEach(({ id }, i) => {
    const begins = i === 0 || list[i - 1]!.id !== id;
    all[i + 1] = all[i]! + (begins ? 1 : 0);
    some[i + 1] = some[i]! + (begins && counted.has(id) ? 1 : 0);
  });
  return { all, counted: some };
}

export const tallyOf = (counting: Counting): Tally => (counting.sums === undefined ? setTally(counting.counted) : sumTally(counting.sums));

function sumTally(sums: NonNullable<Counting['sums']>): Tally {
  let fresh = 0;
  let counted = 0;
  let reached = 0;
  const tally = {
    first: Infinity,
    last: -Infinity,
    take([span]: readonly Span[]) {
      const { of, from, to } = span!;
      tally.first = Math.min(tally.first, of[from]!.time);
      tally.last = Math.max(tally.last, of[to - 1]!.time);
      const begin = Math.max(from, reached);
      if (begin >= to) return;
      reached = to;
      const flagged = sums.counted[to]! - sums.counted[begin]!;
      counted += flagged;
      fresh += sums.all[to]! - sums.all[begin]! - flagged;
    },
    numbers: () => ({ fresh, counted }),
  };
  return tally;
}

function setTally(flagged: ReadonlySet<string>): Tally {
  const events = new Set<string>();
  const tally = {
    first: Infinity,
    last: -Infinity,
    take(spans: readonly Span[]) {
      for (const { of, from, to } of spans) {
        for (let i = from; i < to; i++) {
          const { id, time } = of[i]!;
          events.add(id);
          if (time < tally.first) tally.first = time;
          if (time > tally.last) tally.last = time;
        }
      }
    },
    numbers() {
      let counted = 0;
      if (flagged.size > 0) for (const id of events) if (flagged.has(id)) counted += 1;
      return { fresh: events.size - counted, counted };
    },
  };
  return tally;
}
