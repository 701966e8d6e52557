/**
 * rule × log → verdict: every window of the log that fulfils the rule, what is still waiting for the clock, and how
 * far the log is from another verdict. Pure: the same log, rule and moment give the same verdict.
 *
 * One table, by kind of correlation. A further kind is a further line in it.
 */
import { judgeAbsence } from './sequence/absence.ts';
import { judgeAggregate, onlyGrows } from './aggregate/aggregate.ts';
import { judgeOrdered } from './sequence/completion.ts';
import type { Entry } from './entry.ts';
import { correlationOf, horizon, monotone } from './requirements.ts';
import type { Findings, Moment, Verdict } from './verdict.ts';
import { limits } from '../limits.ts';
import type { Budget } from './sequence/assignment.ts';
import { prompt } from './early.ts';
import type { Aggregate, AggregateKind, Correlation, Rule, Sequence, SequenceKind } from '../rule.ts';
import { settled } from './settle.ts';
import { judgeTemporal } from './sequence/temporal.ts';

export { gate, horizon, monotone } from './requirements.ts';

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
  if (!correlation.settle)
    return prompt(entries, moment, { judge, certain: () => onlyGrows(correlation, entries), horizonMs: horizon(rule) });
  return settled(entries, moment, { judge, ends: () => true, horizonMs: horizon(rule) });
}

function unordered(rule: Rule, { timespanMs, settle }: Sequence, entries: readonly Entry[], moment: Moment): Verdict {
  const { steps } = rule;
  const searching = budget();
  const judge = (log: readonly Entry[]): Findings => judgeTemporal(steps, timespanMs, log, searching);
  if (!settle) return prompt(entries, moment, { judge, certain: () => monotone(rule), horizonMs: timespanMs });
  return settled(entries, moment, { judge, ends: ({ step }) => steps[step]?.negative === false, horizonMs: timespanMs });
}

function ordered(rule: Rule, { timespanMs, settle }: Sequence, entries: readonly Entry[], moment: Moment): Verdict {
  const { steps } = rule;
  if (steps.at(-1)?.negative === true) return judgeAbsence(steps, timespanMs, horizon(rule), entries, moment, budget());
  const searching = budget();
  const judge = (log: readonly Entry[]): Findings => judgeOrdered(steps, timespanMs, log, searching);
  if (!settle) return prompt(entries, moment, { judge, certain: () => monotone(rule), horizonMs: horizon(rule) });
  return settled(entries, moment, { judge, ends: ({ step }) => step === steps.length - 1, horizonMs: horizon(rule) });
}

const budget = (): Budget => ({ left: limits.searchStepsMax });
