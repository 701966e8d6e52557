/** Variants of a rule that are slightly wrong. Good tests of the rule fail on each of them. */
import type { Aggregate } from '../../engine/core/correlate/aggregate/aggregate.ts';
import type { Correlation } from '../../engine/core/correlate/kind.ts';
import type { Rule } from '../../engine/core/rule.ts';
import type { Step } from '../../engine/core/step.ts';

export type Mutant = { readonly name: string; readonly rule: Rule };

export function mutantsOf(rule: Rule): Mutant[] {
  const mutants: Mutant[] = [];
  const add = (name: string, changed: Partial<Rule>): void => void mutants.push({ name: `${rule.id}: ${name}`, rule: { ...rule, ...changed } });
  const withStep = (index: number, changed: Partial<Step>): readonly Step[] =>
    rule.steps.map((step, i) => (i === index ? { ...step, ...changed } : step));

  rule.steps.forEach((step, index) => {
    add(`${step.name} never matches`, { steps: withStep(index, { predicate: () => false }) });
    if (step.withinMs !== undefined) {
      add(`${step.name} within no time`, { steps: withStep(index, { withinMs: 1 }) });
      add(`${step.name} at any time`, { steps: withStep(index, { withinMs: step.negative ? correlationSpan(rule) : undefined }) });
    }
    if (step.negative) return;
    add(`${step.name} matches everything`, { steps: withStep(index, { predicate: () => true }) });
    if (rule.steps.length > 1) add(`${step.name} once more`, { steps: withStep(index, { times: { ...step.times, gte: step.times.gte + 1 } }) });
    if (step.times.gte > 1) add(`${step.name} once less`, { steps: withStep(index, { times: { ...step.times, gte: step.times.gte - 1 } }) });
  });
  const { correlation } = rule;
  if (correlation !== undefined && isAggregate(correlation)) {
    for (const by of [1, -1]) add(`threshold ${by > 0 ? 'raised' : 'lowered'}`, { correlation: shifted(correlation, by) });
  }
  const events = correlation !== undefined && isAggregate(correlation) ? 2 : rule.steps.filter(({ negative }) => !negative).length;
  if (correlation !== undefined && events > 1) {
    add('no time at all', { correlation: { ...correlation, timespanMs: 1 } });
  }
  return mutants;
}

const correlationSpan = ({ correlation }: Rule): number => 1000 * correlation!.timespanMs;

const isAggregate = (correlation: Correlation): correlation is Aggregate => 'condition' in correlation;

function shifted(correlation: Aggregate, by: number): Aggregate {
  return { ...correlation, condition: correlation.condition.map(({ op, value }) => ({ op, value: value + by })) };
}
