/**
 * `temporal_ordered`: the steps one after the other, all within the timespan.
 *
 *      not a          B    B        C         not d        E
 *     ├─within─┤      ●────●        ●                      ●
 *     [        s)     s    p₁  ≤    f₂=p₂    (p₂    f₃)    p₃      s > p₃ − timespan
 *
 * For each entry of each step: if the step completes here, what is the latest time at which the sequence can have
 * begun? The steps after it depend on nothing else. A later completion of a step never has an earlier latest beginning, so the
 * best predecessor is always the last one that is early enough, and every step is one pass over its entries. Only
 * `times` after a `not` looks at more than one first event per entry (quadratic in the worst case).
 *
 * The last entry, in (time, id) order, of the last step's events ends the window. At equal times any order of the
 * steps satisfies. Of several assignments for one last entry the one that begins latest is taken. Where it
 * uses an event twice, backtrack.ts looks for another.
 */
import type { Entry } from '../entry.ts';
import { latestBefore, timesOf, type SequenceParts, type Positive, type SplitLog } from './sequence.ts';
import type { Span } from '../verdict.ts';
import { firstWhere } from '../../util/first-where.ts';

/** The table row of one positive step; the arrays are parallel to its list. */
export type StepRow = {
  readonly positive: Positive;
  readonly list: readonly Entry[];
  /** Times of the events that must not happen since the step before, rising. */
  readonly not: readonly number[];
  /** Index of the step's first event if the step completes here; -1: it cannot. */
  readonly first: Int32Array;
  /** Index of the entry that completed the step before, in that step's list. */
  readonly before: Int32Array;
  /** The latest beginning of the sequence. */
  readonly start: Float64Array;
  /** The last index up to here at which the step can complete; -1: none. */
  readonly latest: Int32Array;
};

export type Table = {
  readonly rows: readonly StepRow[];
  readonly log: SplitLog;
  readonly timespanMs: number;
  /** True where the sequence may begin: per index of the first row. */
  readonly mayBegin: (index: number) => boolean;
};

/** @param parts with at least one positive step   @param beginsBy the time by which the sequence must begin */
export function tableOf(parts: SequenceParts, log: SplitLog, entries: readonly Entry[], timespanMs: number, beginsBy = Infinity): Table {
  const list = log.lists[parts.positives[0]!.step]!;
  const leading = parts.leading.map(({ step, withinMs }) => ({ times: timesOf(entries, [step]), withinMs: withinMs ?? timespanMs }));
  const mayBegin = (index: number): boolean => {
    const { time } = list[index]!;
    return time <= beginsBy && leading.every(({ times, withinMs }) => latestBefore(times, time) < time - withinMs);
  };
  const rows: StepRow[] = [];
  for (const positive of parts.positives) {
    const row = emptyRow(positive, log, entries);
    const before = rows.at(-1);
    if (before === undefined) begin(row, timespanMs, mayBegin);
    else follow(row, before, timespanMs);
    rows.push(row);
  }
  return { rows, log, timespanMs, mayBegin };
}

function emptyRow(positive: Positive, log: SplitLog, entries: readonly Entry[]): StepRow {
  const list = log.lists[positive.step]!;
  return {
    positive,
    list,
    not: timesOf(entries, positive.not),
    first: new Int32Array(list.length).fill(-1),
    before: new Int32Array(list.length).fill(-1),
    start: new Float64Array(list.length).fill(-Infinity),
    latest: new Int32Array(list.length).fill(-1),
  };
}

/** Fills the first row: the last permitted first event that leaves room for the others. */
function begin(row: StepRow, timespanMs: number, mayBegin: (index: number) => boolean): void {
  const { list, positive, first, start, latest } = row;
  const limit = Math.min(positive.inMs, timespanMs);
  let permitted = -1;
  for (let end = 0; end < list.length; end++) {
    const candidate = end - positive.count + 1;
    if (candidate >= 0 && mayBegin(candidate)) permitted = candidate;
    else if (positive.count === 1) permitted = -1;
    const possible = permitted >= 0 && list[end]!.time - list[permitted]!.time < limit;
    if (possible) {
      first[end] = permitted;
      start[end] = list[permitted]!.time;
    }
    latest[end] = possible ? end : (latest[end - 1] ?? -1);
  }
}

/** Fills a row from the one before it. */
function follow(row: StepRow, before: StepRow, timespanMs: number): void {
  const { list, first, latest } = row;
  for (let end = 0; end < list.length; end++) {
    connect(row, before, end, timespanMs);
    latest[end] = first[end]! >= 0 ? end : (latest[end - 1] ?? -1);
  }
}

function connect(row: StepRow, before: StepRow, end: number, timespanMs: number): void {
  const { list, positive, not } = row;
  const { time } = list[end]!;
  let candidate = end - positive.count + 1;
  while (candidate >= 0 && time - list[candidate]!.time < positive.inMs) {
    const from = list[candidate]!.time;
    const predecessor = latestUpTo(before, from);
    if (predecessor < 0) return;
    const completed = before.list[predecessor]!.time;
    if (time - completed > positive.withinMs) return;
    const disturbed = latestBefore(not, from);
    if (completed >= disturbed) {
      const start = before.start[predecessor]!;
      if (time - start >= timespanMs) return;
      row.first[end] = candidate;
      row.before[end] = predecessor;
      row.start[end] = start;
      return;
    }
    if (positive.count === 1) return;
    while (candidate >= 0 && list[candidate]!.time > disturbed) candidate--;
  }
}

/** The last index up to that time at which the step can complete; -1: none. */
export const latestUpTo = ({ list, latest }: StepRow, time: number): number =>
  latest[firstWhere(list.length, (i) => list[i]!.time > time) - 1] ?? -1;

/** The entries of the assignment that ends at that entry of the last step. */
export function spansTo({ rows }: Table, end: number): readonly Span[] {
  const spans: Span[] = [];
  for (let i = rows.length - 1, index = end; i >= 0; i--) {
    const { list, first, before, positive } = rows[i]!;
    const from = first[index]!;
    const rest = index - positive.count + 2;
    if (from === rest - 1) spans.push({ of: list, from, to: index + 1 });
    else spans.push({ of: list, from, to: from + 1 }, { of: list, from: rest, to: index + 1 });
    index = before[index]!;
  }
  return spans;
}
