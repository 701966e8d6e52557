/**
 * `correlation:`, in Sigma's vocabulary → the condition on a window. Reports correlations that can never fire, that always
 * fire, or that would not fit into a window log.
 */
import { holds } from '../../core/correlate/aggregate/comparison.ts';
import { limits } from '../../core/limits.ts';
import { aggregateKinds, sequenceKinds, type AggregateKind, type Comparator, type Comparison, type SequenceKind } from '../../core/rule.ts';
import { checkFieldName } from '../condition/field-table.ts';
import { kindName, type MapNode, type Node, type Position } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { asMap, asText, checkKeys, child, keyPosition, readBoolean, readDuration, readTexts } from '../source/read.ts';
import { didYouMean } from '../source/suggest.ts';

const comparators: readonly Comparator[] = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'];
const laterKinds: readonly string[] = [
  'value_percentile',
  'value_median',
  'new_value',
  'ratio',
  'geo_velocity',
  'leaky_bucket',
  'absence',
  'risk',
  'temporal_extended',
];
const laterKeys: readonly string[] = [
  'percentile',
  'min_history',
  'baseline',
  'min_events',
  'min_km',
  'capacity',
  'leak',
  'half_life',
  'min_datasets',
  'aliases',
  'generate',
];
const keys = ['type', 'group-by', 'timespan', 'condition', 'settle'] as const;

type Base = { readonly groupBy: readonly string[]; readonly timespanMs: number; readonly settle: boolean };
export type ReadAggregate = Base & {
  readonly kind: AggregateKind;
  readonly fields: readonly string[];
  readonly condition: readonly Comparison[];
};
export type ReadSequence = Base & { readonly kind: SequenceKind };
export type ReadCorrelation = ReadAggregate | ReadSequence;

/** Undefined if an error was reported. */
export function readCorrelation(node: Node, report: Reporter): ReadCorrelation | undefined {
  const before = report.errors();
  const map = asMap(node, '"correlation"', report);
  const kind = map === undefined ? undefined : readKind(map, report);
  if (map === undefined || kind === undefined) return undefined;
  checkKeys(map, [...keys, ...laterKeys], '"correlation"', report.error);
  for (const key of laterKeys) {
    if (map.entries.has(key)) report.error(keyPosition(map, key), 'key-unsupported', `"${key}" is not supported yet`);
  }
  if (!map.entries.has('timespan')) report.error(map.at, 'timespan-missing', 'a correlation needs a timespan', 'timespan: 10m');
  const timespanMs = readDuration(map, 'timespan', report);
  const groupBy = readGroupBy(map, report);
  if (groupBy.length === 0 && !map.entries.has('group-by')) {
    report.warn(map.at, 'global-group', 'without group-by all events share one window', 'group-by: [source.ip]');
  }
  const settle = readBoolean(map, 'settle', report) ?? false;
  const isAggregate = (aggregateKinds as readonly string[]).includes(kind);
  const aggregate = isAggregate ? readAggregate(map, kind as AggregateKind, report) : undefined;
  if (!isAggregate && map.entries.has('condition')) {
    report.error(
      keyPosition(map, 'condition'),
      'condition-unused',
      `${kind} takes no condition: its steps say what must occur`,
      'set how often a step must occur: times: { gte: 5, in: 10m }',
    );
  }
  if (report.errors() > before || timespanMs === undefined) return undefined;
  const base = { groupBy, timespanMs, settle };
  return aggregate === undefined ? { ...base, kind: kind as SequenceKind } : { ...base, kind: kind as AggregateKind, ...aggregate };
}

function readKind(map: MapNode, report: Reporter): AggregateKind | SequenceKind | undefined {
  const kinds = [...aggregateKinds, ...sequenceKinds];
  const node = child(map, 'type');
  if (node === undefined) {
    report.error(map.at, 'type-missing', 'a correlation needs a type', `must be one of: ${kinds.join(', ')}`);
    return undefined;
  }
  const text = asText(node, '"type"', report);
  const kind = kinds.find((known) => known === text);
  if (text !== undefined && kind === undefined) {
    const later = laterKinds.includes(text);
    report.error(
      node.at,
      later ? 'type-unsupported' : 'unknown-type',
      later ? `correlation type "${text}" is not supported yet` : `unknown correlation type "${text}"`,
      later ? `must be one of: ${kinds.join(', ')}` : didYouMean(text, [...kinds, ...laterKinds]),
    );
  }
  return kind;
}

/** The field names of `group-by`; invalid ones are reported and left out. */
export function readGroupBy(map: MapNode, report: Reporter): string[] {
  const names: string[] = [];
  for (const { text, at } of readTexts(map, 'group-by', report)) {
    if (!checkFieldName(text, at, report)) continue;
    names.push(text);
  }
  return names;
}

function readAggregate(map: MapNode, kind: AggregateKind, report: Reporter): { fields: string[]; condition: Comparison[] } | undefined {
  const node = child(map, 'condition');
  if (node === undefined) {
    report.error(
      map.at,
      'condition-missing',
      `${kind} needs a condition`,
      kind === 'event_count' ? 'condition: { gte: 5 }' : 'condition: { field: card.fingerprint, gte: 5 }',
    );
    return undefined;
  }
  const condition = asMap(node, '"condition"', report);
  if (condition === undefined) return undefined;
  checkKeys(condition, ['field', ...comparators], '"condition"', report.error);
  const fields = readTexts(condition, 'field', report).filter(({ text, at }) => checkFieldName(text, at, report));
  const min = kind === 'event_count' ? 0 : 1;
  const max = kind === 'event_count' ? 0 : kind === 'value_count' ? Infinity : 1;
  if (fields.length < min && !condition.entries.has('field'))
    report.error(condition.at, 'field-missing', `${kind} needs a field`, 'condition: { field: …, gte: … }');
  if (fields.length > max) {
    const hint = kind === 'event_count' ? 'to count distinct values: type: value_count' : 'name one field';
    report.error(keyPosition(condition, 'field'), 'field-unused', `${kind} takes ${max === 0 ? 'no field' : 'only one field'}`, hint);
  }
  const comparisons = comparators.flatMap((op) => {
    const value = readThreshold(condition, op, report);
    return value === undefined ? [] : [{ op, value }];
  });
  if (comparisons.length === 0 && !comparators.some((op) => condition.entries.has(op))) {
    report.error(condition.at, 'threshold-missing', 'the condition has no threshold', `add one of: ${comparators.join(', ')}`);
  }
  if (kind === 'event_count' || kind === 'value_count') checkCount(comparisons, condition.at, report);
  return { fields: fields.map(({ text }) => text), condition: comparisons };
}

function readThreshold(condition: MapNode, op: Comparator, report: Reporter): number | undefined {
  const node = child(condition, op);
  if (node === undefined) return undefined;
  if (node.kind === 'scalar' && typeof node.value === 'number') return node.value;
  report.error(node.at, 'number-expected', `"${op}" needs a number, not ${kindName(node)}`, 'write it without quotes');
  return undefined;
}

/** Checks the thresholds of a count, which is a whole number from 1 (the evaluated event is in its window) to the length of a log. */
function checkCount(comparisons: readonly Comparison[], at: Position, report: Reporter): void {
  for (const { op, value } of comparisons) {
    if (value < 0 || (value === 0 && op !== 'gt' && op !== 'neq')) {
      report.error(at, 'threshold-not-positive', `"${op}: ${value}" is too low: a count is at least 1`, 'use a higher threshold');
      return;
    }
    if (value > limits.stepEntriesMax) {
      report.error(
        at,
        'threshold-too-high',
        `"${op}: ${value}" is too high: a window log holds at most ${limits.stepEntriesMax} events`,
        'use a lower threshold and a shorter timespan',
      );
      return;
    }
  }
  if (comparisons.length === 0) return;
  let satisfied = 0;
  for (let n = 1; n <= limits.stepEntriesMax; n++) if (holds(comparisons, n)) satisfied++;
  if (satisfied === 0) report.error(at, 'never-fires', 'no count satisfies this condition', 'check the thresholds');
  else if (satisfied === limits.stepEntriesMax)
    report.warn(at, 'always-fires', 'every count satisfies this condition', 'remove the correlation, or raise the threshold');
}
