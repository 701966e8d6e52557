/**
 * `steps:` → the steps of a sequence, and what is required of them by position:
 *
 *     temporal            any order; `not` steps must not occur in (t − timespan, t]; no `within`
 *     temporal_ordered    not(within) · A · not · B(within) · not(within)
 *                         leading: needs `within`   between: none   last: `within` or the timespan
 *
 * Several `not` steps may follow each other: none of them may happen between the same two neighbours.
 */
import { limits } from '../../core/limits.ts';
import type { Times } from '../../core/rule.ts';
import type { Condition } from '../condition/condition.ts';
import { readConditions, type ConditionContext } from '../condition/read-conditions.ts';
import { readGroupBy, type ReadSequence } from './correlation.ts';
import { kindName, type MapNode, type Node, type Position } from '../source/node.ts';
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

type PlacedStep = ReadStep & { readonly map: MapNode };

const keys = ['name', 'conditions', 'times', 'within', 'not', 'group-by'] as const;
const stepName = /^[A-Za-z0-9_-]{1,64}$/;
export const once: Times = { gte: 1, inMs: undefined };

/** Undefined if an error was reported. */
export function readSteps(node: Node, correlation: ReadSequence, context: ConditionContext): ReadStep[] | undefined {
  const { report } = context;
  const before = report.errors();
  if (node.kind !== 'list') {
    report.error(node.at, 'list-expected', `"steps" must be a list, not ${kindName(node)}`, 'steps: [ { name: …, conditions: … }, … ]');
    return undefined;
  }
  if (node.items.length > limits.stepsMax) {
    report.error(node.at, 'too-many-steps', `${node.items.length} steps; the limit is ${limits.stepsMax}`, 'split the rule');
    return undefined;
  }
  const steps = node.items.flatMap((item, index) => readStep(item, index, correlation, context) ?? []);
  if (report.errors() > before) return undefined;
  checkNames(steps, report);
  checkPositions(steps, correlation, node.at, report);
  return report.errors() > before ? undefined : steps;
}

function readStep(node: Node, index: number, correlation: ReadSequence, context: ConditionContext): PlacedStep | undefined {
  const { report } = context;
  const map = asMap(node, 'a step', report);
  if (map === undefined) return undefined;
  checkKeys(map, keys, 'step', report.error);
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
  if (withinMs !== undefined && withinMs > correlation.timespanMs) {
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

function readTimes(map: MapNode, correlation: ReadSequence, report: Reporter): Times {
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

function checkNames(steps: readonly PlacedStep[], report: Reporter): void {
  const seen = new Map<string, Position>();
  for (const { name, map } of steps) {
    const first = seen.get(name);
    if (first !== undefined)
      report.error(
        keyPosition(map, 'name'),
        'duplicate-step',
        `duplicate step name "${name}", first used in line ${first.line}`,
        'rename one of the steps',
      );
    else seen.set(name, keyPosition(map, 'name'));
  }
}

function checkPositions(steps: readonly PlacedStep[], correlation: ReadSequence, at: Position, report: Reporter): void {
  const ordered = correlation.kind === 'temporal_ordered';
  const first = steps.findIndex((step) => !step.negative);
  const last = steps.findLastIndex((step) => !step.negative);
  if (first < 0 && steps.length > 0)
    report.error(at, 'only-negative-steps', 'at least one step must not be a "not" step', 'add a step that starts the window');
  else if (steps.length < 2)
    report.error(at, 'too-few-steps', `${correlation.kind} needs at least two steps`, 'for one condition: type: event_count');
  steps.forEach((step, index) => {
    const within = step.withinMs !== undefined;
    const withinAt = keyPosition(step.map, 'within');
    if (step.negative && step.map.entries.has('times')) {
      report.error(
        keyPosition(step.map, 'times'),
        'times-on-not',
        `step "${step.name}" must not happen at all, so "times" has no meaning`,
        'remove "times"',
      );
    }
    if (within && !ordered) report.error(withinAt, 'within-unordered', '"within" needs ordered steps', 'use type: temporal_ordered');
    if (!ordered || first < 0) return;
    if (!step.negative && within && index === first && first === 0) {
      report.error(
        withinAt,
        'within-first',
        `step "${step.name}" is the first one, so "within" has no meaning`,
        'put "within" on the step after it',
      );
    }
    if (!step.negative && within && index === first && first > 0) {
      report.error(
        withinAt,
        'within-first',
        `step "${step.name}" is the first that happens, so "within" has no meaning`,
        'put "within" on the "not" before it',
      );
    }
    if (!step.negative) return;
    if (index < first && !within)
      report.error(
        step.map.at,
        'within-missing',
        `"not" step "${step.name}" comes first, so it needs "within"`,
        'for example within: 10m, counted back from the next step',
      );
    if (index > first && index < last && within)
      report.error(
        withinAt,
        'within-between',
        `"not" step "${step.name}" is already limited by the steps before and after it`,
        'remove "within"',
      );
  });
}
