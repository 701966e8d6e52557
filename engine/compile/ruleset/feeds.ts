/**
 * The feeds that a rule set expects: the datasets it maps, and those that conditions of its running rules compare
 * `event.dataset` with. Operators expect events from these, so they are the closed set of values of the label `dataset`.
 */
import type { RuleSet } from '../../core/rule.ts';
import type { Condition } from '../condition/condition.ts';
import { conditionOf } from './assemble.ts';
import { runs } from './full-scan.ts';

/** In order of name. */
export function sourcesOf({ rules, datasets }: RuleSet): string[] {
  const names = new Set(datasets.byName.keys());
  for (const rule of rules.filter(runs)) {
    for (const step of rule.steps) for (const name of named(conditionOf(step))) names.add(name);
  }
  return [...names].toSorted();
}

function named(condition: Condition | undefined): string[] {
  if (condition === undefined || condition.kind === 'not') return [];
  if (condition.kind !== 'test') return condition.of.flatMap(named);
  const { fact, path, operator, operand } = condition;
  if (fact !== 'event.dataset' || path !== undefined || !('constant' in operand)) return [];
  const values = operator === 'equal' ? [operand.constant] : operator === 'in' && Array.isArray(operand.constant) ? operand.constant : [];
  return values.filter((value: unknown): value is string => typeof value === 'string' && value !== '');
}
