/**
 * Finds another assignment when the best one uses an event for two steps: a depth-first search from the last step back,
 * the latest choices first. At each level assignment.ts says whether a branch can still succeed, so that a hopeless one
 * ends early.
 * The table bounds how late a branch can begin: branches that cannot beat the best one found are left out.
 */
import type { Entry } from '../entry.ts';
import { assign, type Demand } from './assignment.ts';
import { latestUpTo, type StepRow, type Table } from './ordered.ts';
import { latestBefore } from './sequence.ts';
import type { Budget } from '../verdict.ts';

export type Assignment = { readonly start: number; readonly entries: readonly Entry[] };

/** The assignment that begins latest, ends at that entry of the last step and uses no event twice; undefined: none, or the budget ran out. */
export function backtrack(table: Table, end: number, budget: Budget): Assignment | undefined {
  const { rows, timespanMs, mayBegin } = table;
  const earliest = rows.at(-1)!.list[end]!.time - timespanMs;
  let best: Assignment | undefined;

  const beats = (start: number): boolean => start > (best?.start ?? earliest);

  /** Tries every first event for the step that completes at `index`. */
  const place = (level: number, index: number, demands: readonly Demand[]): void => {
    const row = rows[level]!;
    const { list, positive } = row;
    const last = index - positive.count + 1;
    const least = positive.count === 1 ? last : 0;
    const withLast = [...demands, lastOf(row, index)];
    if (assign(withLast, budget) === undefined) return;
    for (let first = last; first >= least && list[index]!.time - list[first]!.time < positive.inMs; first--) {
      if (budget.left < 0) return;
      const from = list[first]!.time;
      if (!beats(from)) return;
      if (level === 0 && !mayBegin(first)) continue;
      const wanted = [...withLast, ...othersOf(row, first, index)];
      const entries = assign(wanted, budget);
      if (entries === undefined) continue;
      if (level > 0) precede(level, index, first, wanted);
      else best = { start: from, entries };
    }
  };

  /** Tries every completion of the step before. */
  const precede = (level: number, index: number, first: number, demands: readonly Demand[]): void => {
    const { list, positive, not } = rows[level]!;
    const before = rows[level - 1]!;
    const from = list[first]!.time;
    const earliestCompletion = Math.max(list[index]!.time - positive.withinMs, latestBefore(not, from));
    for (let previous = latestUpTo(before, from); previous >= 0; previous = before.latest[previous - 1] ?? -1) {
      if (budget.left < 0 || before.list[previous]!.time < earliestCompletion || !beats(before.start[previous]!)) return;
      place(level - 1, previous, demands);
    }
  };

  place(rows.length - 1, end, []);
  return best;
}

const lastOf = ({ list }: StepRow, last: number): Demand => ({ of: list, from: last, to: last + 1, need: 1 });

/** The first event, and the events between it and the last. */
function othersOf({ list, positive: { count } }: StepRow, first: number, last: number): readonly Demand[] {
  const others: Demand[] = [];
  if (count > 1) others.push({ of: list, from: first, to: first + 1, need: 1 });
  if (count > 2) others.push({ of: list, from: first + 1, to: last, need: count - 2 });
  return others;
}
