/** One of the `steps:` of a sequence, but for what its position requires (steps.ts). */
import type { Correlation } from '../../core/correlate/kind.ts';
import { limits } from '../../core/limits.ts';
import type { Times } from '../../core/step.ts';
import type { Condition } from '../condition/condition.ts';
import { readConditions, type ConditionContext } from '../condition/read-conditions.ts';
import { readGroupBy } from './group-by.ts';
import type { MapNode, Node } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { asMap, checkKeys, child, keyPosition, readBoolean, readDuration, readText } from '../source/read.ts';

export type ReadStep = {
  readonly name: string;
  readonly negative: boolean;
  readonly condition: Condition;
  readonly groupBy: readonly string[];
  readonly times: Times;
  readonly withinMs: number | undefined;
};

export type PlacedStep = ReadStep & { readonly map: MapNode };

const keys = ['name', 'conditions', 'times', 'within', 'not', 'group-by'] as const;
const stepName = /^[A-Za-z0-9_-]{1,64}$/;
export const once: Times = { gte: 1, inMs: undefined };

/** Undefined if an error was reported. @param index names a step without a name */
export function readStep(node: Node, index: number, correlation: Correlation, context: ConditionContext): PlacedStep | undefined {
  const { report } = context;
  const map = asMap(node, 'a step', report);
  if (map === undefined) return undefined;
  checkKeys(map, keys, 'step', report.error, { later: ['after', 'rule'] });
  const name = readText(map, 'name', report) ?? `step-${index + 1}`;
  if (!stepName.test(name)) {
    report.error(
      keyPosition(map, 'name'),
      'bad-step-name',
      `invalid step name "${name.slice(0, 80)}"`,
      'use 1 to 64 letters, digits, - and _, because messages refer to {{steps.NAME.field}}',
    );
  }
  const negative = readBoolean(map, 'not', report) ?? false;
  const conditions = child(map, 'conditions');
  if (conditions === undefined)
    report.error(map.at, 'conditions-missing', `step "${name}" has no conditions`, 'conditions: { all: [ … ] }');
  const condition = conditions === undefined ? undefined : readConditions(conditions, context);
  const times = readTimes(map, correlation, report);
  const withinMs = readDuration(map, 'within', report);
  // A `not` at either end looks back or waits that long, whatever the timespan.
  if (!negative && withinMs !== undefined && withinMs > correlation.timespanMs) {
    report.warn(
      keyPosition(map, 'within'),
      'longer-than-timespan',
      '"within" is longer than the timespan, which limits it',
      'increase the timespan',
    );
  }
  const groupBy = map.entries.has('group-by') ? readGroupBy(map, report) : [...correlation.groupBy];
  if (groupBy.length !== correlation.groupBy.length) {
    report.error(
      keyPosition(map, 'group-by'),
      'group-by-length',
      `the step groups by ${groupBy.length} fields, but the correlation by ${correlation.groupBy.length}`,
      'name one field for each group-by field of the correlation',
    );
  }
  if (condition === undefined) return undefined;
  return { name, negative, condition, groupBy, times, withinMs, map };
}

function readTimes(map: MapNode, correlation: Correlation, report: Reporter): Times {
  const node = child(map, 'times');
  if (node === undefined) return once;
  const times = asMap(node, '"times"', report);
  if (times === undefined) return once;
  checkKeys(times, ['gte', 'in'], '"times"', report.error);
  const gteNode = child(times, 'gte');
  const gte = gteNode?.kind === 'scalar' && typeof gteNode.value === 'number' ? gteNode.value : undefined;
  if (gte === undefined)
    report.error(gteNode?.at ?? times.at, 'number-expected', '"times" needs a number for "gte"', 'times: { gte: 5, in: 10m }');
  else if (!Number.isInteger(gte) || gte < 1)
    report.error(gteNode!.at, 'threshold-not-positive', `"gte: ${gte}" must be a whole number of at least 1`);
  else if (gte > limits.stepEntriesMax)
    report.error(
      gteNode!.at,
      'threshold-too-high',
      `"gte: ${gte}" is too high: a window log holds at most ${limits.stepEntriesMax} events of a step`,
    );
  const inMs = readDuration(times, 'in', report);
  if (inMs !== undefined && inMs > correlation.timespanMs) {
    report.warn(
      keyPosition(times, 'in'),
      'longer-than-timespan',
      '"in" is longer than the timespan, which limits it',
      'increase the timespan',
    );
  }
  return { gte: gte ?? 1, inMs };
}
