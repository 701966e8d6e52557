/** `suppress:` of a rule: `1h`, or `{ for: 1h, by: [source.ip] }`; the `by` of a correlated rule can only repeat its group. */
import type { Correlation, Field, Suppress } from '../../core/rule.ts';
import { checkFieldName, type FieldTable } from '../condition/field-table.ts';
import type { MapNode, Node } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { asDuration, checkKeys, child, keyPosition, readDuration, readTexts } from '../source/read.ts';

/** Default: the timespan; for single events none. The `by` of a correlated rule, whose group mutes, is empty. */
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
      'a correlated rule is muted by its group',
      'leave "by" out, or name the fields of "group-by"',
    );
  }
  const forMs = readDuration(node, 'for', report, 0) ?? byTimespan?.forMs;
  if (forMs === undefined && !node.entries.has('for'))
    report.error(node.at, 'suppress-for-missing', '"suppress" needs "for"', 'suppress: { for: 1h, by: [source.ip] }');
  if (!map.entries.has('correlation') && !node.entries.has('by')) checkGroup(node, forMs, report);
  return forMs === undefined ? undefined : { forMs, by: correlation === undefined ? by : [] };
}

/** A rule of single events has no other group. @param node what says for how long, and not by what */
function checkGroup(node: Node, forMs: number | undefined, report: Reporter): void {
  if (forMs === undefined || forMs === 0) return;
  const hint = 'suppress: { for: 1h, by: [source.ip] }, or by: [] if this is meant';
  report.warn(node.at, 'global-suppress', 'without "by" one alert mutes the rule for everybody', hint);
}

/** Exactly the group's fields, in any order. */
function areGroup(by: readonly Field[], { groupBy }: Correlation): boolean {
  const names = new Set(by.map(({ name }) => name));
  return by.length === groupBy.length && groupBy.every((name) => names.has(name));
}

/** Field names, interned; what is wrong with them is reported. */
export function readFields(map: MapNode, key: string, fields: FieldTable, report: Reporter): Field[] {
  return readTexts(map, key, report).flatMap(({ text, at }) => (checkFieldName(text, at, report) ? [fields.field(text)] : []));
}
