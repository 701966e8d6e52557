/** `steps:` → the steps of a sequence. What is required of a step by its position depends on the kind (checkStep of its reader). */
import type { Correlation } from '../../core/correlate/kind.ts';
import { limits } from '../../core/limits.ts';
import type { ConditionContext } from '../condition/read-conditions.ts';
import type { StepsReader } from './kind-reader.ts';
import { readStep, type PlacedStep, type ReadStep } from './read-step.ts';
import { kindName, type Node, type Position } from '../source/node.ts';
import type { Reporter } from '../source/problems.ts';
import { keyPosition } from '../source/read.ts';

/** Undefined if an error was reported. */
export function readSteps(node: Node, reader: StepsReader, correlation: Correlation, context: ConditionContext): ReadStep[] | undefined {
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
  checkPositions(steps, reader, node.at, report);
  return report.errors() > before ? undefined : steps;
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

function checkPositions(steps: readonly PlacedStep[], reader: StepsReader, at: Position, report: Reporter): void {
  const first = steps.findIndex((step) => !step.negative);
  const last = steps.findLastIndex((step) => !step.negative);
  if (first < 0 && steps.length > 0)
    report.error(at, 'only-negative-steps', 'at least one step must not be a "not" step', 'add a step that starts the window');
  else if (steps.length < 2)
    report.error(at, 'too-few-steps', `${reader.kind.name} needs at least two steps`, 'for one condition: type: event_count');
  steps.forEach((step, index) => {
    if (step.negative && step.map.entries.has('times')) {
      report.error(
        keyPosition(step.map, 'times'),
        'times-on-not',
        `step "${step.name}" must not happen at all, so "times" has no meaning`,
        'remove "times"',
      );
    }
    reader.checkStep(step, index, { first, last }, report);
  });
}
