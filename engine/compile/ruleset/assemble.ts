/** Drafts → the immutable RuleSet: makes the predicates, shared conditions once, and the index over them. */
import type { Datasets } from '../../core/ingest/dataset.ts';
import { strongHash, tupleText } from '../../core/util/hash.ts';
import type { Rule, RuleSet } from '../../core/rule.ts';
import type { Step } from '../../core/step.ts';
import { View } from '../../core/match/view.ts';
import type { Condition } from '../condition/condition.ts';
import type { FieldTable } from '../condition/field-table.ts';
import { equalityIndex, type Indexed } from './equality-index.ts';
import type { Draft } from '../rule/native.ts';
import { PredicateMaker } from '../condition/predicate.ts';
import { matchersOf } from './full-scan.ts';

const conditions = new WeakMap<Step, Condition>();

/** The condition that a step was compiled from, for `explain`. */
export const conditionOf = (step: Step): Condition | undefined => conditions.get(step);

/** @param datasetsHash changes with any dataset */
export function assemble(drafts: readonly Draft[], fields: FieldTable, datasets: Datasets, datasetsHash: string): RuleSet {
  const ordered = drafts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const maker = new PredicateMaker();
  for (const draft of ordered) for (const { condition } of draft.steps) maker.expect(condition);
  const rules = ordered.map((draft): Rule => ({ ...draft, steps: draft.steps.map((step) => finished(step, maker)) }));
  const steps = matchersOf(rules).map((matcher): Indexed => {
    const step = matcher.rule.steps[matcher.step]!;
    const condition = conditions.get(step)!;
    return { matcher, condition, predicate: (known) => (known === undefined ? step.predicate : maker.given(condition, known)) };
  });
  const { match, time } = equalityIndex(steps);
  const paths = [...fields.paths];
  return {
    rules,
    byId: new Map(rules.map((rule) => [rule.id, rule])),
    datasets,
    view: () => new View(paths, maker.shared),
    match,
    time,
    hash: strongHash(tupleText([...rules.flatMap(({ id, hash }) => [id, hash]), datasetsHash]), 22),
  };
}

function finished({ condition, ...step }: Draft['steps'][number], maker: PredicateMaker): Step {
  const made: Step = { ...step, predicate: maker.make(condition) };
  conditions.set(made, condition);
  return made;
}
