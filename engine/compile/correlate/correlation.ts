/**
 * `correlation:`, in Sigma's vocabulary → the condition on a window. Here are the keys that all kinds have; the reader of
 * the kind that `type` names reads the rest (readers.ts).
 */
import type { Correlation } from '../../core/correlate/kind.ts';
import type { ConditionContext } from '../condition/read-conditions.ts';
import { readGroupBy } from './group-by.ts';
import type { KindReader } from './kind-reader.ts';
import type { MapNode, Node } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { asMap, asText, checkKeys, child, readBoolean, readDuration } from '../source/read.ts';
import { didYouMean } from '../source/suggest.ts';
import { laterKeys, laterKinds, type Readers } from './readers.ts';

const keys = ['type', 'group-by', 'timespan', 'condition', 'settle'] as const;

export type ReadCorrelation = { readonly reader: KindReader; readonly correlation: Correlation };

export type CorrelationContext = ConditionContext & {
  /** Of the kinds that `type` may name. */
  readonly readers: Readers;
};

/** Undefined if an error was reported. */
export function readCorrelation(node: Node, context: CorrelationContext): ReadCorrelation | undefined {
  const { report, readers } = context;
  const before = report.errors();
  const map = asMap(node, '"correlation"', report);
  const reader = map === undefined ? undefined : readType(map, readers, report);
  if (map === undefined || reader === undefined) return undefined;
  checkKeys(map, [...keys, ...reader.keys], '"correlation"', report.error, { later: laterKeys });
  if (!map.entries.has('timespan')) report.error(map.at, 'timespan-missing', 'a correlation needs a timespan', 'timespan: 10m');
  const timespanMs = readDuration(map, 'timespan', report);
  const groupBy = readGroupBy(map, report);
  if (groupBy.length === 0 && !map.entries.has('group-by')) {
    report.warn(map.at, 'global-group', 'without group-by all events share one window', 'group-by: [source.ip]');
  }
  const settle = readBoolean(map, 'settle', report) ?? false;
  const own = reader.read(map, context);
  if (report.errors() > before || timespanMs === undefined || own === undefined) return undefined;
  return { reader, correlation: { ...own, kind: reader.kind, groupBy, timespanMs, settle } };
}

function readType(map: MapNode, readers: Readers, report: Reporter): KindReader | undefined {
  const names = Object.keys(readers);
  const node = child(map, 'type');
  if (node === undefined) {
    report.error(map.at, 'type-missing', 'a correlation needs a type', `must be one of: ${names.join(', ')}`);
    return undefined;
  }
  const text = asText(node, '"type"', report);
  if (text === undefined) return undefined;
  if (Object.hasOwn(readers, text)) return readers[text];
  if (laterKinds.includes(text))
    report.error(node.at, 'type-unsupported', `correlation type "${text}" is not supported yet`, `must be one of: ${names.join(', ')}`);
  else report.error(node.at, 'unknown-type', `unknown correlation type "${text}"`, didYouMean(text, [...names, ...laterKinds]));
  return undefined;
}
