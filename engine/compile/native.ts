/**
 * A native document → a rule, but for its predicates, which are made once all rules are known (ruleset.ts).
 * json-rules-engine's `conditions` with Sigma's vocabulary around them; a plain json-rules-engine rule is one too.
 */
import { strongHash } from '../core/hash.ts';
import {
  levels,
  statuses,
  type Correlation,
  type Field,
  type Rule,
  type RuleTest,
  type Step,
  type Suppress,
  type Template,
} from '../core/rule.ts';
import { parseTemplate, placesOf } from '../core/template.ts';
import { conditionText, type Condition, type ConditionPool } from './condition.ts';
import { readConditions, type ConditionContext } from './conditions.ts';
import { readCorrelation, type ReadCorrelation } from './correlation.ts';
import { checkFieldName, type FieldTable } from './field-table.ts';
import type { Identity } from './identity.ts';
import { canonical, plain, type MapNode, type Position } from './node.ts';
import type { Reporter } from './problems.ts';
import { asDuration, asText, checkKeys, child, keyPosition, readDuration, readNumber, readText, readTexts, readWord } from './read.ts';
import { readTests } from './rule-tests.ts';
import { didYouMean } from './suggest.ts';
import { once, readSteps, type ReadStep } from './steps.ts';

/** A rule whose steps have conditions where the running one has predicates. */
export type Draft = Omit<Rule, 'steps'> & { readonly steps: readonly (Omit<Step, 'predicate'> & { readonly condition: Condition })[] };

export type NativeContext = { readonly fields: FieldTable; readonly pool: ConditionPool; readonly report: Reporter };

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
/** Sigma's notes for people, accepted anywhere and without effect. */
const noteKeys = ['author', 'date', 'modified', 'references', 'falsepositives', 'license', 'related', 'fields', 'scope', 'taxonomy'];

export function readNative(map: MapNode, identity: Identity, { fields, pool, report }: NativeContext): Draft | undefined {
  const before = report.errors();
  checkKeys(map, [...ruleKeys, ...noteKeys, 'onSuccess', 'onFailure'], 'a rule', report.warn);
  for (const key of ['onSuccess', 'onFailure']) {
    if (map.entries.has(key))
      report.error(keyPosition(map, key), 'callback-unsupported', `"${key}": a rule file holds no functions`, 'write rules over alerts');
  }
  const { id } = identity;
  const shaped = readShape(map, id, { fields, pool, report });
  const message = readMessage(map, report);
  const suppress = readSuppress(map, shaped?.correlation, fields, report);
  const entities = readFields(map, 'entities', fields, report);
  const draft = {
    id,
    title: readText(map, 'title', report) ?? id,
    description: readText(map, 'description', report) ?? '',
    status: readWord(map, 'status', statuses, report) ?? 'live',
    level: readWord(map, 'level', levels, report) ?? 'medium',
    risk: readRisk(map, report),
    tags: readTexts(map, 'tags', report).map(({ text }) => text),
    message,
    suppress,
    tests: readTests(map, report) as readonly RuleTest[],
    source: { file: report.file, ...map.at },
    hash: strongHash(canonical(plain(map)), 22),
  };
  if (shaped !== undefined && message !== undefined) checkPlaces(message, shaped, messageAt(map), report);
  if (shaped === undefined || report.errors() > before) return undefined;
  const byGroup = shaped.correlation?.groupBy.map((name) => fields.field(name)) ?? [];
  return {
    ...draft,
    entities: map.entries.has('entities') ? entities : byGroup,
    steps: shaped.steps,
    correlation: shaped.correlation,
    shape: shaped.shape,
  };
}

type Shape = Pick<Draft, 'steps' | 'correlation' | 'shape'>;

/** Conditions or steps, with the correlation over them. */
function readShape(map: MapNode, id: string, context: ConditionContext): Shape | undefined {
  const { report, fields } = context;
  const conditions = child(map, 'conditions');
  const steps = child(map, 'steps');
  const correlationNode = child(map, 'correlation');
  if (conditions !== undefined && steps !== undefined) {
    report.error(
      keyPosition(map, 'steps'),
      'conditions-and-steps',
      'a rule has either "conditions" or "steps"',
      'move the conditions into a step',
    );
    return undefined;
  }
  const settled = settle(map, report);
  const read = correlationNode === undefined ? undefined : readCorrelation(correlationNode, report);
  if (settled && correlationNode === undefined) {
    report.error(
      keyPosition(map, 'settle'),
      'settle-unused',
      '"settle" is about windows, and this rule has no correlation',
      'leave it out',
    );
  }
  const correlation = read === undefined || !settled ? read : { ...read, settle: true };
  if (correlationNode !== undefined && correlation === undefined) {
    if (conditions !== undefined) readConditions(conditions, context);
    return undefined;
  }
  const found = conditions === undefined ? sequenceSteps(map, correlation, context) : singleStep(map, id, correlation, context);
  if (found === undefined) return undefined;
  const named = found.map((step) => ({ ...step, groupBy: step.groupBy.map((name) => fields.field(name)) }));
  return { steps: named, correlation: located(correlation, fields), shape: shapeOf(id, correlation, found) };
}

/** `settle` stands in the correlation; beside it is understood too. */
function settle(map: MapNode, report: Reporter): boolean {
  const node = child(map, 'settle');
  if (node === undefined) return false;
  if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
  report.error(node.at, 'boolean-expected', '"settle" must be true or false');
  return false;
}

function singleStep(map: MapNode, id: string, correlation: ReadCorrelation | undefined, context: ConditionContext): ReadStep[] | undefined {
  const condition = readConditions(child(map, 'conditions')!, context);
  if (correlation !== undefined && !('condition' in correlation)) {
    context.report.error(
      keyPosition(map, 'conditions'),
      'steps-missing',
      `a ${correlation.kind} has steps, not conditions`,
      'steps: [ { name: …, conditions: … }, … ]',
    );
    return undefined;
  }
  if (condition === undefined) return undefined;
  return [{ name: id, negative: false, condition, groupBy: correlation?.groupBy ?? [], times: once, withinMs: undefined }];
}

function sequenceSteps(map: MapNode, correlation: ReadCorrelation | undefined, context: ConditionContext): ReadStep[] | undefined {
  const at = keyPosition(map, 'steps');
  if (correlation === undefined)
    context.report.error(
      at,
      'correlation-missing',
      'steps need a correlation',
      'correlation: { type: temporal_ordered, group-by: [ … ], timespan: 30m }',
    );
  else if ('condition' in correlation)
    context.report.error(
      at,
      'steps-unused',
      `a ${correlation.kind} has conditions, not steps`,
      'conditions: { any: [ … ] }, or type: temporal',
    );
  else return readSteps(child(map, 'steps')!, correlation, context);
  return undefined;
}

function located(correlation: ReadCorrelation | undefined, fields: FieldTable): Correlation | undefined {
  if (correlation === undefined || !('condition' in correlation)) return correlation;
  return { ...correlation, fields: correlation.fields.map((name) => fields.field(name)) };
}

/** What a window log depends on; not the thresholds, the timespan or the texts, which may change under it. */
function shapeOf(id: string, correlation: ReadCorrelation | undefined, steps: readonly ReadStep[]): string {
  const shaped = steps.map(({ name, groupBy, condition }) => [name, groupBy, conditionText(condition)]);
  const counted = correlation !== undefined && 'fields' in correlation ? correlation.fields : [];
  return strongHash(canonical([id, correlation?.kind ?? null, correlation?.groupBy ?? [], counted, shaped]), 11);
}

function readRisk(map: MapNode, report: Reporter): number {
  const risk = readNumber(map, 'risk', report) ?? 0;
  if (risk < 0)
    report.error(keyPosition(map, 'risk'), 'risk-negative', 'risk is added to entities: it cannot be negative', 'leave it out for none');
  return risk;
}

function readFields(map: MapNode, key: string, fields: FieldTable, report: Reporter): Field[] {
  return readTexts(map, key, report).flatMap(({ text, at }) => (checkFieldName(text, at, report) ? [fields.field(text)] : []));
}

/** `{{steps.NAME.field}}` must name a step. */
function checkPlaces(message: Template, { steps }: Shape, at: Position, report: Reporter): void {
  const names = steps.map(({ name }) => name);
  for (const place of placesOf(message)) {
    const name = /^steps\.([^.]*)\./.exec(place)?.[1];
    if (name !== undefined && !names.includes(name))
      report.warn(at, 'unknown-step', `{{${place}}}: there is no step "${name}"`, didYouMean(name, names));
  }
}

function messageAt(map: MapNode): Position {
  return keyPosition(map, map.entries.has('message') ? 'message' : 'event');
}

/** `message`, else json-rules-engine's `event.params.message`. */
function readMessage(map: MapNode, report: Reporter): Template | undefined {
  const event = child(map, 'event');
  const params = event?.kind === 'map' ? child(event, 'params') : undefined;
  const node = child(map, 'message') ?? (params?.kind === 'map' ? child(params, 'message') : undefined);
  const text = node === undefined ? undefined : asText(node, '"message"', report);
  if (node === undefined || text === undefined) return undefined;
  const parsed = parseTemplate(text);
  if (parsed.ok) return parsed.template;
  const unclosed = parsed.because === 'unclosed';
  report.error(
    node.at,
    unclosed ? 'template-unclosed' : 'template-empty',
    unclosed ? `"{{" at character ${parsed.at + 1} of the message has no "}}"` : 'an empty {{ }} in the message',
    'write {{field.name}}',
  );
  return undefined;
}

function readSuppress(map: MapNode, correlation: Correlation | undefined, fields: FieldTable, report: Reporter): Suppress | undefined {
  const node = child(map, 'suppress');
  const byTimespan = correlation === undefined ? undefined : { forMs: correlation.timespanMs, by: [] };
  if (node === undefined) return byTimespan;
  if (node.kind !== 'map') {
    const forMs = asDuration(node, 'suppress', report, 0);
    return forMs === undefined ? undefined : { forMs, by: [] };
  }
  checkKeys(node, ['for', 'by'], '"suppress"', report.error);
  const by = readFields(node, 'by', fields, report);
  if (correlation !== undefined && by.length > 0) {
    report.error(keyPosition(node, 'by'), 'suppress-by-unused', 'a correlated rule is muted by its group', 'leave "by" out');
  }
  const forMs = readDuration(node, 'for', report, 0) ?? byTimespan?.forMs;
  if (forMs === undefined && !node.entries.has('for'))
    report.error(node.at, 'suppress-for-missing', '"suppress" needs "for"', 'suppress: { for: 1h, by: [source.ip] }');
  return forMs === undefined ? undefined : { forMs, by };
}
