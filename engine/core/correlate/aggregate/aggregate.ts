/**
 * Aggregates: one number over the window (t − timespan, t] is compared with the rule's condition.
 *
 *        timespan
 *     ├───────────┤          the left edge is open, the right one closed: an entry exactly one timespan
 *     (  ●   ●  ● ●]         before the end is out
 *                 t
 *
 * A window ends at an event. If further entries can only help (monotone), it ends at each event in order and holds that
 * event, with all its values, and those before it: of five events in one millisecond the third fulfils `gte: 3`, with
 * value 3. Otherwise it ends at the last event of an instant and holds the whole instant.
 *
 * One pass, two pointers. Recomputing each window costs 8 million steps for 4,096 entries, this 4,096.
 *
 * A kind of aggregate is a Measure: the number itself and what follows from it. Everything else is shared.
 */
import { numberOf, type Accumulator } from './accumulators.ts';
import { conditionInWords, holds, type Comparison } from './comparison.ts';
import type { Entry } from '../entry.ts';
import type { Correlation, CorrelationKind } from '../kind.ts';
import { fulfilment } from '../proof.ts';
import { formatDuration } from '../../util/duration.ts';
import { noValue } from '../read-values.ts';
import type { Values } from '../values.ts';
import type { Fulfilment, LogVerdict } from '../verdict.ts';

export type Aggregate = Correlation & {
  /** All must hold. */
  readonly condition: readonly Comparison[];
};

export type Measure<Name extends string> = {
  readonly name: Name;
  readonly values: Values;
  /** The number over a window that slides along the log. */
  accumulator(log: readonly Entry[]): Accumulator;
  /** As CorrelationKind.isMonotone. */
  isMonotone(condition: readonly Comparison[], log?: readonly Entry[]): boolean;
  /** For numbers that cannot exceed the number of entries: the smallest number that may fulfil the condition. */
  minEntries?(condition: readonly Comparison[]): number;
  /** For sums: the smallest sum that may fulfil the condition, if positive values are needed to reach it. */
  minWeight?(condition: readonly Comparison[]): number | undefined;
  /** As CorrelationKind.thin; undefined if any entry may matter. */
  thin?(correlation: Aggregate, entries: readonly Entry[]): readonly Entry[];
  /** The number in words: `5 distinct card.fingerprint`. */
  inWords(value: number, field: string): string;
};

export const aggregateKind = <Name extends string>(measure: Measure<Name>): CorrelationKind<Aggregate, Name> => ({
  name: measure.name,
  // `field: []` is accepted, and then nothing is read.
  values: ({ fields }) => (fields.length === 0 ? noValue : measure.values),
  requirements: ({ correlation: { condition } }) => ({
    minEntries: measure.minEntries?.(condition) ?? 1,
    needSteps: 0,
    minWeight: measure.minWeight?.(condition),
  }),
  horizonMs: ({ correlation }) => correlation.timespanMs,
  isMonotone: ({ correlation: { condition } }, log) => measure.isMonotone(condition, log),
  evaluateLog: ({ correlation }, log) => evaluateAggregate(measure, correlation, log),
  mayEndAt: () => true,
  thin: ({ correlation }, entries) => measure.thin?.(correlation, entries) ?? entries,
  isContiguous: true,
  reason({ correlation }, { value }, whose) {
    const { fields, condition, timespanMs } = correlation;
    const measured = measure.inWords(value, fields.map(({ name }) => name).join(' + '));
    return `${measured}${whose} in ${formatDuration(timespanMs)} (needs ${conditionInWords(condition)})`;
  },
  explain: ({ correlation: { condition, timespanMs } }) =>
    `${condition.map(({ op, value }) => `${op} ${value}`).join(' and ')} in ${formatDuration(timespanMs)}`,
});

/** Evaluates every window of the log, whatever the clock says. */
function evaluateAggregate(measure: Measure<string>, { condition, timespanMs }: Aggregate, log: readonly Entry[]): LogVerdict {
  const atEach = measure.isMonotone(condition, log);
  const window = measure.accumulator(log);
  const fulfilments: Fulfilment[] = [];
  let largest = 0;
  for (let from = 0, i = 0; i < log.length; i++) {
    const by = log[i]!;
    window.take(i);
    const next = log[i + 1];
    if (next?.time === by.time && (!atEach || next.id === by.id)) continue;
    while (log[from]!.time <= by.time - timespanMs) window.drop(from++);
    const value = window.value();
    if (value > largest) largest = value;
    if (holds(condition, value)) fulfilments.push(fulfilment(by.time, by, value, [{ of: log, from, to: i + 1 }]));
  }
  const fulfilled = fulfilments.length > 0;
  const minEntries = measure.minEntries?.(condition) ?? 1;
  const slack = fulfilled ? 1 : Math.max(1, minEntries - largest);
  const minWeight = measure.minWeight?.(condition);
  if (minWeight === undefined) return { fulfilments, slack, undecided: 0 };
  return { fulfilments, slack, room: fulfilled ? 0 : Math.max(0, minWeight - largestGain(log, timespanMs)), undecided: 0 };
}

/**
 * The largest sum of the positive values of any window. Negative ones are ignored: a window that ends at a later entry may
 * begin after them.
 */
function largestGain(log: readonly Entry[], timespanMs: number): number {
  let largest = 0;
  let gain = 0;
  for (let from = 0, i = 0; i < log.length; i++) {
    gain += Math.max(0, numberOf(log[i]!));
    while (log[from]!.time <= log[i]!.time - timespanMs) gain -= Math.max(0, numberOf(log[from++]!));
    if (gain > largest) largest = gain;
  }
  return largest;
}
