/**
 * Condition nodes of a document → Condition. They have json-rules-engine's form (`all`, `any`, `not`, `fact`, `operator`,
 * `value`, `path`) and are checked here completely, because the library throws on errors, ignores or coerces them only
 * when an event arrives. Every problem is reported, not only the first.
 */
import type { Condition, ConditionPool, Operand } from './condition.ts';
import { checkFieldName, type FieldTable } from './field-table.ts';
import { kindName, plain, type MapNode, type Node } from '../source/node.ts';
import { decorators, laterOperators, operators, splitChain, type Chain } from './operators.ts';
import { checkConstant } from './constants.ts';
import { parsePath } from './paths.ts';
import { limits } from '../../core/limits.ts';
import type { Reporter } from '../source/problems.ts';
import { asText, checkKeys, child, keyPosition } from '../source/read.ts';
import { didYouMean } from '../source/suggest.ts';

export type ConditionContext = { readonly fields: FieldTable; readonly pool: ConditionPool; readonly report: Reporter };

const booleans = ['all', 'any', 'not'] as const;
const testKeys = ['fact', 'path', 'operator', 'value', 'name', 'priority'] as const;

/** Reads the root of a rule's conditions, which must be all, any or not. Undefined if an error was reported. */
export function readConditions(node: Node, context: ConditionContext): Condition | undefined {
  const { report } = context;
  if (node.kind === 'map' && !booleans.some((key) => node.entries.has(key)) && node.entries.has('fact')) {
    report.error(node.at, 'leaf-as-root', 'conditions must begin with all, any or not', 'put the condition into a list: all: [ … ]');
    return undefined;
  }
  if (node.kind === 'list') {
    report.error(node.at, 'map-expected', 'conditions must begin with all, any or not, not with a list', 'put "all:" before the list');
    return undefined;
  }
  return readCondition(node, context);
}

function readCondition(node: Node, context: ConditionContext): Condition | undefined {
  const { report } = context;
  if (node.kind !== 'map') {
    report.error(node.at, 'map-expected', `a condition must be a map, not ${kindName(node)}`, '{ fact: …, operator: …, value: … }');
    return undefined;
  }
  if (node.entries.has('condition')) {
    report.error(
      keyPosition(node, 'condition'),
      'named-condition-unsupported',
      'references to named conditions are not supported yet',
      'repeat the condition here',
    );
    return undefined;
  }
  const kinds = booleans.filter((key) => node.entries.has(key));
  const [kind] = kinds;
  if (kind === undefined) return readTest(node, context);
  if (kinds.length > 1 || node.entries.has('fact')) {
    const words = [...kinds, ...(node.entries.has('fact') ? ['fact'] : [])].map((word) => `"${word}"`).join(' and ');
    report.error(
      node.at,
      'ambiguous-condition',
      `${words} in one condition: only one of them is allowed`,
      'nest them: all: [ …, { any: [ … ] } ]',
    );
    return undefined;
  }
  checkKeys(node, [...booleans, 'name', 'priority'], `condition with "${kind}"`, report.error);
  return kind === 'not' ? readNot(child(node, 'not')!, context) : readGroup(kind, child(node, kind)!, context);
}

function readNot(node: Node, context: ConditionContext): Condition | undefined {
  if (node.kind === 'list') {
    context.report.error(node.at, 'map-expected', '"not" takes one condition, not a list', 'not: { any: [ … ] }');
    return undefined;
  }
  const inner = readCondition(node, context);
  return inner === undefined ? undefined : context.pool.not(inner);
}

function readGroup(kind: 'all' | 'any', node: Node, context: ConditionContext): Condition | undefined {
  if (node.kind !== 'list') {
    context.report.error(node.at, 'list-expected', `"${kind}" must be a list, not ${kindName(node)}`, `${kind}: [ … ]`);
    return undefined;
  }
  if (node.items.length === 0) {
    context.report.error(node.at, 'empty-conditions', `"${kind}" must not be empty`, 'add a condition, or remove it');
    return undefined;
  }
  const parts = node.items.map((item) => readCondition(item, context));
  return parts.every((part) => part !== undefined) ? context.pool.group(kind, parts) : undefined;
}

function readTest(node: MapNode, context: ConditionContext): Condition | undefined {
  const { report, fields, pool } = context;
  const before = report.errors();
  if (node.entries.has('params')) {
    report.error(
      keyPosition(node, 'params'),
      'params-unsupported',
      'facts are fields of the event and take no parameters',
      'use a correlation over several events, or write rules over alerts',
    );
  }
  checkKeys(node, testKeys, 'condition', report.error, { notes: ['params'] });
  const missing = (['fact', 'operator', 'value'] as const).filter((key) => !node.entries.has(key));
  if (missing.length > 0) {
    const hint =
      missing.includes('value') && missing.length === 1
        ? 'to check that a field exists: operator: exists, value: true'
        : '{ fact: …, operator: …, value: … }';
    report.error(node.at, 'condition-incomplete', `a condition needs ${missing.map((key) => `"${key}"`).join(' and ')}`, hint);
  }
  const target = readTarget(node, context);
  const operator = readOperator(node, report);
  const valueNode = child(node, 'value');
  if (target === undefined || operator === undefined || valueNode === undefined) return undefined;
  const operand = readOperand(valueNode, operator, context);
  if (operand === undefined || report.errors() > before) return undefined;
  const { slot } = fields.field(target.fact, target.inside);
  return pool.test({ fact: target.fact, path: target.path, slot, operator: operator.text, chain: operator.chain, operand });
}

type Target = { readonly fact: string; readonly path: string | undefined; readonly inside: readonly string[] | undefined };

/** `fact` and `path`, of a condition or of its `value`. */
function readTarget(node: MapNode, { report }: ConditionContext): Target | undefined {
  const factNode = child(node, 'fact');
  const fact = factNode === undefined ? undefined : asText(factNode, '"fact"', report);
  if (factNode === undefined || fact === undefined || !checkFieldName(fact, factNode.at, report)) return undefined;
  const pathNode = child(node, 'path');
  if (pathNode === undefined) return { fact, path: undefined, inside: undefined };
  const path = asText(pathNode, '"path"', report);
  if (path === undefined) return undefined;
  if (path.length > limits.fieldNameLengthMax) {
    report.error(pathNode.at, 'path-too-long', `a path of ${path.length} characters; the limit is ${limits.fieldNameLengthMax}`);
    return undefined;
  }
  const parsed = parsePath(path);
  if (!parsed.ok) {
    report.error(
      pathNode.at,
      parsed.because === 'malformed' ? 'bad-path' : `path-${parsed.because}`,
      parsed.message,
      'write $.a.b, a.b or [0]',
    );
    return undefined;
  }
  return { fact, path, inside: parsed.parts };
}

type ReadOperator = { readonly text: string; readonly chain: Chain };

/** Maximum decorators of one operator: more would only cost time. */
const decoratorsMax = 8;

function readOperator(node: MapNode, report: Reporter): ReadOperator | undefined {
  const operatorNode = child(node, 'operator');
  const text = operatorNode === undefined ? undefined : asText(operatorNode, '"operator"', report);
  if (operatorNode === undefined || text === undefined) return undefined;
  const chain = splitChain(text);
  const { at } = operatorNode;
  const unknown = chain.decorators.find((name) => !decorators.has(name));
  if (laterOperators.includes(chain.base)) {
    report.error(
      at,
      'operator-unsupported',
      `operator "${chain.base}" is not supported yet`,
      chain.base === 'matches' ? 'use startsWith, endsWith or contains' : 'use in or inCidr with the list written out',
    );
  } else if (!operators.has(chain.base)) {
    report.error(at, 'unknown-operator', `unknown operator "${chain.base}"`, didYouMean(chain.base, [...operators.keys()]));
  } else if (unknown !== undefined) {
    report.error(at, 'unknown-decorator', `unknown decorator "${unknown}:"`, didYouMean(unknown, [...decorators.keys()]));
  } else if (chain.decorators.length > decoratorsMax) {
    report.error(at, 'too-many-decorators', `${chain.decorators.length} decorators; the limit is ${decoratorsMax}`);
  } else return { text, chain };
  return undefined;
}

function readOperand(node: Node, operator: ReadOperator, context: ConditionContext): Operand | undefined {
  const { report, fields } = context;
  if (node.kind === 'map' && node.entries.has('fact')) {
    if (node.entries.has('params')) {
      report.error(keyPosition(node, 'params'), 'params-unsupported', 'facts are fields of the event and take no parameters', '');
      return undefined;
    }
    const before = report.errors();
    checkKeys(node, ['fact', 'path'], '"value"', report.error, { later: ['factor', 'step'] });
    if (report.errors() > before) return undefined;
    if (operator.chain.base === 'exists') {
      report.error(node.at, 'boolean-expected', '"exists" needs true or false, not a field', '');
      return undefined;
    }
    const target = readTarget(node, context);
    return target === undefined ? undefined : { fact: target.fact, path: target.path, slot: fields.field(target.fact, target.inside).slot };
  }
  checkConstant(node, operator.chain, report);
  return { constant: plain(node) };
}
