/** Where the positive steps of an ordered sequence are complete: for each entry of the last step, the assignment that it ends. */
import { backtrack } from './backtrack.ts';
import { compareEntries, type Entry } from '../entry.ts';
import type { Correlated } from '../kind.ts';
import { spansTo, tableOf, type Table } from './ordered.ts';
import { fulfilment, repeats } from '../proof.ts';
import type { Step } from '../../step.ts';
import { searchWindow } from './search-budget.ts';
import { lacking, partsOf, splitLog, type SequenceParts } from './sequence.ts';
import { windowEvents } from './window-events.ts';
import type { Budget, LogVerdict, Span } from '../verdict.ts';

export type Completion = {
  /** The last event, in (time, id) order, of the last positive step. */
  readonly by: Entry;
  /** Time of the first event. */
  readonly start: number;
  readonly spans: readonly Span[];
  /** Number of different events in the assignment. */
  readonly value: number;
};

export type Completions = {
  /** In order of `by`. */
  readonly found: readonly Completion[];
  /** If nothing completes the steps: the minimum number of further entries that could. */
  readonly slack: number;
  /** Windows whose search for different events met its bound: they are not among those found. */
  readonly undecided: number;
};

/** @param beginsBy the time by which the sequence must begin */
export function completions(
  steps: readonly Step[],
  timespanMs: number,
  entries: readonly Entry[],
  budget: Budget,
  beginsBy = Infinity,
): Completions {
  const parts = partsOf(steps);
  const log = splitLog(entries, steps);
  const slack = lacking(parts, log);
  if (slack > 1 || parts.positives.length === 0) return { found: [], slack, undecided: 0 };
  return collect(tableOf(parts, log, entries, timespanMs, beginsBy), parts, entries, budget);
}

function collect(table: Table, { positives }: SequenceParts, entries: readonly Entry[], budget: Budget): Completions {
  const { list, first, start } = table.rows.at(-1)!;
  const count = positives.reduce((sum, positive) => sum + positive.count, 0);
  const found: Completion[] = [];
  const events = windowEvents(entries, positives);
  let instantEnd = 0;
  let undecided = 0;
  for (let end = 0; end < list.length; end++) {
    if (first[end]! < 0) continue;
    const by = list[end]!;
    const spans = spansTo(table, end);
    if (!table.log.shared || !repeats(spans)) {
      found.push({ by, start: start[end]!, spans, value: count });
      continue;
    }
    while (instantEnd < entries.length && entries[instantEnd]!.time <= by.time) instantEnd++;
    if (events.count(by.time - table.timespanMs, instantEnd) < count) continue;
    const other = searchWindow(budget, (own) => backtrack(table, end, own));
    if (other === 'bound') undecided++;
    else if (other !== undefined)
      found.push({ by, start: other.start, spans: [{ of: other.entries.toSorted(compareEntries), from: 0, to: count }], value: count });
  }
  return { found, slack: 1, undecided };
}

/** Evaluates every window of a sequence without a `not` at its end, regardless of the clock. */
export function evaluateOrdered({ steps, correlation }: Correlated, entries: readonly Entry[], budget: Budget): LogVerdict {
  const { found, slack, undecided } = completions(steps, correlation.timespanMs, entries, budget);
  return { fulfilments: found.map(({ by, value, spans }) => fulfilment(by.time, by, value, spans)), slack, undecided };
}
