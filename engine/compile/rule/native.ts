/**
 * A native document → a rule without its predicates, which are made once all rules are known (ruleset/assemble.ts).
 * Native rules have json-rules-engine's `conditions` with Sigma's vocabulary around them; a plain json-rules-engine rule is
 * one, too.
 */
import type { Correlation } from '../../core/correlate/kind.ts';
import { strongHash } from '../../core/util/hash.ts';
import { limits } from '../../core/limits.ts';
import { levels, statuses, type Rule, type RuleTest } from '../../core/rule.ts';
import type { Step } from '../../core/step.ts';
import { conditionText, type Condition } from '../condition/condition.ts';
import { readConditions, type ConditionContext } from '../condition/read-conditions.ts';
import { readCorrelation, type CorrelationContext, type ReadCorrelation } from '../correlate/correlation.ts';
import type { Identity } from './identity.ts';
import { canonical, plain, type MapNode } from '../source/node.ts';
import { checkPlaces, readMessage } from './message.ts';
import type { Reporter } from '../source/problems.ts';
import { checkKeys, checkLength, child, keyPosition, readNumber, readText, readTexts, readWord } from '../source/read.ts';
import { readTests } from './rule-tests.ts';
import { once, type ReadStep } from '../correlate/read-step.ts';
import { readSteps } from '../correlate/steps.ts';
import { readFields, readSuppress } from './suppress.ts';

/** A rule whose steps have conditions instead of predicates. */
export type Draft = Omit<Rule, 'steps'> & { readonly steps: readonly (Omit<Step, 'predicate'> & { readonly condition: Condition })[] };

const ruleKeys = [
  'id',
  'title',
  'description',
  'status',
  'level',
  'risk',
  'entities',
  'tags',
  'conditions',
  'steps',
  'correlation',
  'suppress',
  'settle',
  'message',
  'tests',
  'name',
  'event',
  'priority',
];
/** Descriptive keys, most of them Sigma's, accepted and without effect. */
const noteKeys = [
  'author',
  'date',
  'modified',
  'references',
  'falsepositives',
  'license',
  'related',
  'fields',
  'scope',
  'taxonomy',
  'runbook',
];
const laterKeys = ['unless', 'signal', 'define'];
/** Reported apart. */
const callbacks = ['onSuccess', 'onFailure'];

export function readNative(map: MapNode, { id }: Pick<Identity, 'id'>, context: CorrelationContext): Draft | undefined {
  const { fields, report } = context;
  const before = report.errors();
  checkKeys(map, ruleKeys, 'rule', report.error, { notes: [...noteKeys, ...callbacks], later: laterKeys });
  const event = child(map, 'event');
  if (event?.kind === 'map') checkKeys(event, ['type', 'params'], '"event"', report.error);
  for (const key of callbacks) {
    if (map.entries.has(key))
      report.error(
        keyPosition(map, key),
        'callback-unsupported',
        `"${key}" is not supported: a rule file cannot contain functions`,
        'write rules over alerts instead',
      );
  }
  const shaped = readShape(map, id, context);
  const message = readMessage(map, report);
  const suppress = readSuppress(map, shaped?.correlation, fields, report);
  const entities = readFields(map, 'entities', fields, report);
  const draft = {
    id,
    title: readTitle(map, report) ?? id,
    description: readText(map, 'description', report) ?? '',
    status: readWord(map, 'status', statuses, report) ?? 'live',
    level: readWord(map, 'level', levels, report) ?? 'medium',
    risk: readRisk(map, report),
    tags: readTags(map, report),
    message,
    suppress,
    tests: readTests(map, report) as readonly RuleTest[],
    source: { file: report.file, ...map.at },
    hash: strongHash(canonical(plain(map)), 22),
  };
  if (shaped !== undefined && message !== undefined) {
    const names = shaped.steps.map(({ name }) => name);
    checkPlaces(message, names, map, report);
  }
  if (shaped === undefined || report.errors() > before) return undefined;
  const { correlation } = shaped;
  const group = correlation === undefined ? (suppress?.by ?? []) : correlation.groupBy.map((name) => fields.field(name));
  return {
    ...draft,
    entities: map.entries.has('entities') ? entities : group,
    steps: shaped.steps,
    correlation,
    shape: shaped.shape,
  };
}

function readTitle(map: MapNode, report: Reporter): string | undefined {
  const title = readText(map, 'title', report) ?? nameOf(map);
  if (title !== undefined) checkLength(title, keyPosition(map, 'title'), 'a title', limits.titleLengthMax, report);
  return title;
}

function readTags(map: MapNode, report: Reporter): string[] {
  const tags = readTexts(map, 'tags', report);
  for (const { text, at } of tags) checkLength(text, at, 'a tag', limits.tagLengthMax, report);
  if (tags.length > limits.tagsMax)
    report.error(keyPosition(map, 'tags'), 'too-many-tags', `${tags.length} tags; the limit is ${limits.tagsMax}`, 'remove some');
  return tags.map(({ text }) => text);
}

/** The name of a json-rules-engine rule, as written; it may be any text. */
function nameOf(map: MapNode): string | undefined {
  const name = child(map, 'name');
  return name?.kind === 'scalar' && typeof name.value === 'string' && name.value.trim() !== '' ? name.value : undefined;
}

type Shape = Pick<Draft, 'steps' | 'correlation' | 'shape'>;

/** Reads conditions or steps, with the correlation over them. */
function readShape(map: MapNode, id: string, context: CorrelationContext): Shape | undefined {
  const { report, fields } = context;
  const conditions = child(map, 'conditions');
  const steps = child(map, 'steps');
  const correlationNode = child(map, 'correlation');
  if (conditions !== undefined && steps !== undefined) {
    report.error(
      keyPosition(map, 'steps'),
      'conditions-and-steps',
      'a rule cannot have both "conditions" and "steps"',
      'move the conditions into a step',
    );
    return undefined;
  }
  const settled = settle(map, report);
  const read = correlationNode === undefined ? undefined : readCorrelation(correlationNode, context);
  if (settled && correlationNode === undefined) {
    report.error(keyPosition(map, 'settle'), 'settle-unused', '"settle" needs a correlation, and this rule has none', 'remove "settle"');
  }
  if (correlationNode !== undefined && read === undefined) {
    if (conditions !== undefined) readConditions(conditions, context);
    return undefined;
  }
  const found = conditions === undefined ? severalSteps(map, read, context) : singleStep(map, id, read, context);
  if (found === undefined) return undefined;
  const named = found.map((step) => ({ ...step, groupBy: step.groupBy.map((name) => fields.field(name)) }));
  const correlation = read === undefined || !settled ? read?.correlation : { ...read.correlation, settle: true };
  return { steps: named, correlation, shape: shapeOf(id, correlation, found) };
}

/** `settle` belongs into the correlation, but is also accepted next to it. */
function settle(map: MapNode, report: Reporter): boolean {
  const node = child(map, 'settle');
  if (node === undefined) return false;
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  report.error(node.at, 'boolean-expected', '"settle" must be true or false');
  return false;
}

function singleStep(map: MapNode, id: string, read: ReadCorrelation | undefined, context: ConditionContext): ReadStep[] | undefined {
  const condition = readConditions(child(map, 'conditions')!, context);
  if (read?.reader.over === 'steps') {
    context.report.error(
      keyPosition(map, 'conditions'),
      'steps-missing',
      `${read.reader.kind.name} needs steps, not conditions`,
      'steps: [ { name: …, conditions: … }, … ]',
    );
    return undefined;
  }
  if (condition === undefined) return undefined;
  return [{ name: id, negative: false, condition, groupBy: read?.correlation.groupBy ?? [], times: once, withinMs: undefined }];
}

function severalSteps(map: MapNode, read: ReadCorrelation | undefined, context: ConditionContext): ReadStep[] | undefined {
  const at = keyPosition(map, 'steps');
  if (read === undefined)
    context.report.error(
      at,
      'correlation-missing',
      'steps need a correlation',
      'correlation: { type: temporal_ordered, group-by: [ … ], timespan: 30m }',
    );
  else if (read.reader.over === 'conditions')
    context.report.error(
      at,
      'steps-unused',
      `${read.reader.kind.name} needs conditions, not steps`,
      'use conditions: { any: [ … ] }, or type: temporal',
    );
  else return readSteps(child(map, 'steps')!, read.reader, read.correlation, context);
  return undefined;
}

/** Hash of what window logs depend on: not of thresholds, timespan and texts, which may change while logs exist. */
function shapeOf(id: string, correlation: Correlation | undefined, steps: readonly ReadStep[]): string {
  const shaped = steps.map(({ name, groupBy, condition }) => [name, groupBy, conditionText(condition)]);
  const { kind, groupBy = [], fields = [] } = correlation ?? {};
  return strongHash(canonical([id, kind?.name ?? null, groupBy, fields.map(({ name }) => name), shaped]), 11);
}

function readRisk(map: MapNode, report: Reporter): number {
  const risk = readNumber(map, 'risk', report) ?? 0;
  if (risk < 0)
    report.error(keyPosition(map, 'risk'), 'risk-negative', 'risk must not be negative: it is added to entities', 'remove it for no risk');
  return risk;
}
