/** The `condition:` of an aggregate: the fields it reads, and the numbers it is compared with. */
import type { Aggregate } from '../../core/correlate/aggregate/aggregate.ts';
import type { Comparator, Comparison } from '../../core/correlate/aggregate/comparison.ts';
import type { CorrelationKind } from '../../core/correlate/kind.ts';
import { checkFieldName } from '../condition/field-table.ts';
import type { ConditionsReader } from './kind-reader.ts';
import { kindName, type MapNode, type Position } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { asMap, checkKeys, child, keyPosition, readTexts } from '../source/read.ts';

const comparators: readonly Comparator[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];

export type AggregateKeys = {
  /** How many fields the kind takes. */
  readonly fields: { readonly min: number; readonly max: number };
  /** What to do about too many. */
  readonly fieldHint: string;
  /** A condition that would do. */
  readonly example: string;
  /** Reports comparisons that the number cannot mean. */
  check?(condition: readonly Comparison[], at: Position, report: Reporter): void;
};

export const aggregateReader = <Name extends string>(
  kind: CorrelationKind<Aggregate, Name>,
  { fields: { min, max }, fieldHint, example, check }: AggregateKeys,
): ConditionsReader<Aggregate> & { readonly kind: CorrelationKind<Aggregate, Name> } => ({
  kind,
  keys: [],
  over: 'conditions',
  read(map, { fields: table, report }) {
    const node = child(map, 'condition');
    if (node === undefined) {
      report.error(map.at, 'condition-missing', `${kind.name} needs a condition`, example);
      return undefined;
    }
    const condition = asMap(node, '"condition"', report);
    if (condition === undefined) return undefined;
    checkKeys(condition, ['field', ...comparators], '"condition"', report.error);
    const fields = readTexts(condition, 'field', report).filter(({ text, at }) => checkFieldName(text, at, report));
    if (fields.length < min && !condition.entries.has('field'))
      report.error(condition.at, 'field-missing', `${kind.name} needs a field`, 'condition: { field: …, gte: … }');
    if (fields.length > max) {
      const taken = max === 0 ? 'no field' : 'only one field';
      report.error(keyPosition(condition, 'field'), 'field-unused', `${kind.name} takes ${taken}`, fieldHint);
    }
    const comparisons = readComparisons(condition, report);
    check?.(comparisons, condition.at, report);
    return { fields: fields.map(({ text }) => table.field(text)), condition: comparisons };
  },
});

function readComparisons(condition: MapNode, report: Reporter): readonly Comparison[] {
  const comparisons = comparators.flatMap((op) => {
    const value = readThreshold(condition, op, report);
    return value === undefined ? [] : [{ op, value }];
  });
  if (comparisons.length === 0 && !comparators.some((op) => condition.entries.has(op))) {
    report.error(condition.at, 'threshold-missing', 'the condition has no threshold', `add one of: ${comparators.join(', ')}`);
  }
  return comparisons;
}

function readThreshold(condition: MapNode, op: Comparator, report: Reporter): number | undefined {
  const node = child(condition, op);
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && typeof node.value === 'number') return node.value;
  report.error(node.at, 'number-expected', `"${op}" needs a number, not ${kindName(node)}`, 'write it without quotes');
  return undefined;
}
