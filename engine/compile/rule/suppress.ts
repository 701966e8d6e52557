/** `suppress:` of a rule: `1h`, or `{ for: 1h, by: [source.ip] }`. In a correlated rule, `by` can only repeat the group. */
import type { Correlation } from '../../core/correlate/kind.ts';
import type { Suppress } from '../../core/rule.ts';
import type { Field } from '../../core/step.ts';
import { checkFieldName, type FieldTable } from '../condition/field-table.ts';
import type { MapNode, Node } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { asDuration, checkKeys, child, keyPosition, readDuration, readTexts } from '../source/read.ts';

/** Default: the timespan; none for rules without correlation. `by` is empty for a correlated rule, which suppresses by its group. */
export function readSuppress(
  map: MapNode,
  correlation: Correlation | undefined,
  fields: FieldTable,
  report: Reporter,
): Suppress | undefined {
  const node = child(map, 'suppress');
  const byTimespan = correlation === undefined ? undefined : { forMs: correlation.timespanMs, by: [] };
  if (node === undefined) return byTimespan;
  if (node.kind !== 'map') {
    const forMs = asDuration(node, 'suppress', report, 0);
    if (!map.entries.has('correlation')) checkGroup(node, forMs, report);
    return forMs === undefined ? undefined : { forMs, by: [] };
  }
  checkKeys(node, ['for', 'by'], '"suppress"', report.error);
  const by = readFields(node, 'by', fields, report);
  if (correlation !== undefined && by.length > 0 && !areGroup(by, correlation)) {
    report.error(
      keyPosition(node, 'by'),
      'suppress-by-unused',
      'a correlated rule is suppressed by its group',
      'remove "by", or name exactly the fields of "group-by"',
    );
  }
  const forMs = readDuration(node, 'for', report, 0) ?? byTimespan?.forMs;
  if (forMs === undefined && !node.entries.has('for'))
    report.error(node.at, 'suppress-for-missing', '"suppress" needs "for"', 'suppress: { for: 1h, by: [source.ip] }');
  if (!map.entries.has('correlation') && !node.entries.has('by')) checkGroup(node, forMs, report);
  return forMs === undefined ? undefined : { forMs, by: correlation === undefined ? by : [] };
}

/** Warns about a rule without correlation that has no group. @param node where the duration is */
function checkGroup(node: Node, forMs: number | undefined, report: Reporter): void {
  if (forMs === undefined || forMs === 0) return;
  const hint = 'suppress: { for: 1h, by: [source.ip] }, or by: [] if this is intended';
  report.warn(node.at, 'global-suppress', 'without "by" one alert suppresses all other alerts of the rule', hint);
}

/** Whether these are exactly the group's fields, in any order. */
function areGroup(by: readonly Field[], { groupBy }: Correlation): boolean {
  const names = new Set(by.map(({ name }) => name));
  return by.length === groupBy.length && groupBy.every((name) => names.has(name));
}

/** The fields of a list of names; invalid names are reported. */
export function readFields(map: MapNode, key: string, fields: FieldTable, report: Reporter): Field[] {
  return readTexts(map, key, report).flatMap(({ text, at }) => (checkFieldName(text, at, report) ? [fields.field(text)] : []));
}
