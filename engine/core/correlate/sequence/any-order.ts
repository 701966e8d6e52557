/**
 * `temporal`: every positive step occurred in (t − timespan, t], in any order, and no negative one. Each step takes
 * different events.
 *
 * A window ends at each event of a positive step, in order, and holds that event and those before it. A step with
 * `times: {gte: n, in: d}` occurred when n of its entries are less than d apart. The latest such run stays longest in the
 * window, so one index per step is enough as long as no event matches two steps. If one does, the latest runs are tried
 * first; if they use an event twice, another assignment is searched. A window whose search reaches its bound is not
 * fulfilled, and counted.
 */
import { assign, type Demand } from './assignment.ts';
import { compareEntries, type Entry } from '../entry.ts';
import type { Correlated } from '../kind.ts';
import { searchWindow } from './search-budget.ts';
import { windowEvents } from './window-events.ts';
import { fulfilment, repeats } from '../proof.ts';
import { lacking, latestBefore, partsOf, splitLog, timesOf, type Positive } from './sequence.ts';
import type { Budget, Fulfilment, LogVerdict, Span } from '../verdict.ts';

/** A positive step while the log is read: how much of its list was read, and its latest run, one object for all its windows. */
type Progress = { readonly positive: Positive; readonly list: readonly Entry[]; read: number; run: Span | undefined };

/** Evaluates every window of the log, regardless of the clock. */
export function evaluateAnyOrder({ steps, correlation }: Correlated, entries: readonly Entry[], budget: Budget): LogVerdict {
  const { timespanMs } = correlation;
  const parts = partsOf(steps);
  const log = splitLog(entries, steps);
  const slack = lacking(parts, log);
  if (slack > 1 || parts.positives.length === 0) return { fulfilments: [], slack, undecided: 0 };
  const negatives = timesOf(
    entries,
    steps.flatMap((step, index) => (step.negative ? index : [])),
  );
  const progress: Progress[] = parts.positives.map((positive) => ({ positive, list: log.lists[positive.step]!, read: 0, run: undefined }));
  const byStep = steps.map((_, index) => progress.find(({ positive }) => positive.step === index));
  const count = parts.positives.reduce((sum, positive) => sum + positive.count, 0);
  const fulfilments: Fulfilment[] = [];
  const events = log.shared ? windowEvents(entries, parts.positives) : undefined;
  let undecided = 0;
  for (let i = 0; i < entries.length; i++) {
    const by = entries[i]!;
    const own = byStep[by.step];
    if (own === undefined || own.list[own.read] !== by) continue;
    advance(own);
    if (log.shared && goesOn(entries, i, byStep)) continue;
    const after = by.time - timespanMs;
    if (events !== undefined && events.count(after, i + 1) < count) continue;
    const runs = latestRuns(progress, after);
    if (runs === undefined) continue;
    if (negatives.length > 0 && latestBefore(negatives, by.time + 1) > after) continue;
    const spans = log.shared && repeats(runs) ? searchWindow(budget, (left) => differentEvents(progress, after, left)) : runs;
    if (spans === 'bound') undecided++;
    else if (spans !== undefined) fulfilments.push(fulfilment(by.time, by, count, spans));
  }
  return { fulfilments, slack: 1, undecided };
}

/** True when a later entry of the same event and instant is for a positive step. */
function goesOn(entries: readonly Entry[], index: number, byStep: readonly (Progress | undefined)[]): boolean {
  const { id, time } = entries[index]!;
  for (let i = index + 1; entries[i]?.id === id && entries[i]!.time === time; i++) {
    if (byStep[entries[i]!.step] !== undefined) return true;
  }
  return false;
}

/** Reads the next entry of the step's list. */
function advance(step: Progress): void {
  const { list, positive } = step;
  const last = list[step.read++]!;
  const first = list[step.read - positive.count];
  if (first !== undefined && last.time - first.time < positive.inMs)
    step.run = { of: list, from: step.read - positive.count, to: step.read };
}

/** The latest runs of all steps; undefined when one is missing, or begins at or before the window's open edge. */
function latestRuns(progress: readonly Progress[], after: number): readonly Span[] | undefined {
  const runs: Span[] = [];
  for (const { run } of progress) {
    if (run === undefined || run.of[run.from]!.time <= after) return undefined;
    runs.push(run);
  }
  return runs;
}

/** An assignment that uses no event twice; undefined: there is none, or the budget ran out. */
function differentEvents(progress: readonly Progress[], after: number, budget: Budget): readonly Span[] | undefined {
  const free: Demand[] = [];
  const runs: (readonly Demand[])[] = [];
  for (const { list, read, positive } of progress) {
    let from = read;
    while (from > 0 && list[from - 1]!.time > after) from--;
    const { count, inMs } = positive;
    if (count === 1 || inMs === Infinity) free.push({ of: list, from, to: read, need: count });
    else runs.push(runsWithin(list, from, read, positive));
  }
  const chosen = chooseRuns(free, runs, budget);
  return chosen && [{ of: chosen.toSorted(compareEntries), from: 0, to: chosen.length }];
}

/** The longest runs of the step's entries less than `inMs` apart, latest first, if they are enough. Shorter runs offer nothing more. */
function runsWithin(list: readonly Entry[], from: number, to: number, { count, inMs }: Positive): readonly Demand[] {
  const runs: Demand[] = [];
  let first = from;
  for (let end = from; end < to; end++) {
    while (list[end]!.time - list[first]!.time >= inMs) first++;
    const goesFurther = end + 1 < to && list[end + 1]!.time - list[first]!.time < inMs;
    if (!goesFurther && end - first + 1 >= count) runs.push({ of: list, from: first, to: end + 1, need: count });
  }
  return runs.toReversed();
}

function chooseRuns(fixed: readonly Demand[], open: readonly (readonly Demand[])[], budget: Budget): readonly Entry[] | undefined {
  const found = assign(fixed, budget);
  const [next, ...others] = open;
  if (found === undefined || next === undefined) return found;
  for (const run of next) {
    const chosen = chooseRuns([...fixed, run], others, budget);
    if (chosen !== undefined || budget.left < 0) return chosen;
  }
  return undefined;
}
