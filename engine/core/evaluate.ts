/**
 * rule × log → verdict: every window of the log that fulfils the rule, what is still waiting for the clock, and how
 * far the log is from another verdict. Pure: the same log, rule and moment give the same verdict.
 *
 * One table, by kind of correlation. A further kind is a further line in it.
 */
import { judgeAggregate } from './aggregate.ts';
import type { Entry } from './entry.ts';
import { correlationOf, horizon } from './gate.ts';
import type { Findings } from './findings.ts';
import type { Aggregate, AggregateKind, Correlation, Rule, Sequence, SequenceKind } from './rule.ts';
import { settled } from './settle.ts';
import type { Moment, Verdict } from './verdict.ts';

export { gate, horizon, monotone } from './gate.ts';

type Evaluator<C extends Correlation> = (rule: Rule, correlation: C, entries: readonly Entry[], moment: Moment) => Verdict;

type Table = { readonly [K in AggregateKind]: Evaluator<Aggregate> } & { readonly [K in SequenceKind]: Evaluator<Sequence> };

const evaluators: Table = {
  event_count: aggregate,
  value_count: aggregate,
  value_sum: aggregate,
  value_avg: aggregate,
  value_min: aggregate,
  value_max: aggregate,
  temporal: unordered,
  temporal_ordered: ordered,
};

/**
 * @param rule one with a correlation; throws for any other
 * @param entries the rule's log for one group, as arrange() gives it: in (time, id, step, index) order, no repeats
 */
export function evaluate(rule: Rule, entries: readonly Entry[], moment: Moment): Verdict {
  const correlation = correlationOf(rule);
  const evaluator = evaluators[correlation.kind] as Evaluator<Correlation>;
  return evaluator(rule, correlation, entries, moment);
}

function aggregate(rule: Rule, correlation: Aggregate, entries: readonly Entry[], moment: Moment): Verdict {
  const judge = (log: readonly Entry[]): Findings => judgeAggregate(correlation, log);
  if (!correlation.settle) return { ...judge(entries), reviewAt: undefined, holdFrom: undefined };
  return settled(entries, moment, { judge, ends: () => true, horizonMs: horizon(rule) });
}

function unordered(rule: Rule, correlation: Sequence, entries: readonly Entry[], moment: Moment): Verdict {
  throw new Error(`${rule.id} ${correlation.kind} ${entries.length} ${moment.clock}: to be written next`);
}

function ordered(rule: Rule, correlation: Sequence, entries: readonly Entry[], moment: Moment): Verdict {
  return unordered(rule, correlation, entries, moment);
}
