/**
 * Checks that an operator can compare with the constant of its condition. Decorators are taken into account: after
 * `someValue:` each member of the list is a constant, after `swap:` the sides are exchanged.
 */
import { limits } from '../../core/limits.ts';
import { isLookedUp } from './bound-test.ts';
import { parseNetwork } from '../../core/util/cidr.ts';
import { kindName, type ListNode, type Node } from '../source/node.ts';
import { operators, type Chain } from './operators.ts';
import type { Reporter } from '../source/problems.ts';

export function checkConstant(node: Node, chain: Chain, report: Reporter): void {
  if (node.size > limits.conditionValuesMax && !isLookedUp(chain)) {
    const operator = [...chain.decorators, chain.base].join(':');
    report.error(
      node.at,
      'too-many-values',
      `"${operator}" compares ${node.size} values one by one; the limit is ${limits.conditionValuesMax}`,
      'use in, notIn, inCidr, notInCidr or someValue:equal, which look values up, or split the list over several rules',
    );
    return;
  }
  let constants: readonly Node[] = [node];
  /** The side of the operator on which the constant is. */
  let side: 'value' | 'fact' = 'value';
  for (const decorator of chain.decorators) {
    if (decorator === 'swap') side = side === 'value' ? 'fact' : 'value';
    if (!decorator.endsWith(side === 'value' ? 'Value' : 'Fact')) continue;
    const lists = constants.map((each) => list(each, `"${decorator}:"`, report));
    constants = lists.flatMap((each) => each ?? []);
  }
  for (const each of constants) {
    if (side === 'value') checkValue(each, chain.base, report);
    else checkFact(each, chain.base, report);
  }
}

function list(node: Node, what: string, report: Reporter): readonly Node[] | undefined {
  if (node.kind === 'list') {
    notEmpty(node, what, report);
    return node.items;
  }
  report.error(node.at, 'list-expected', `${what} needs a list, not ${kindName(node)}`, 'write it in brackets: [ … ]');
  return undefined;
}

/** With an empty list a condition holds always or never, whatever the event. */
function notEmpty(node: ListNode, what: string, report: Reporter): void {
  if (node.items.length === 0) report.warn(node.at, 'empty-list', `${what} has an empty list`, 'write the values, or remove the condition');
}

function checkValue(node: Node, base: string, report: Reporter): void {
  const what = `"${base}"`;
  switch (operators.get(base)!.value) {
    case 'any':
      if (node.kind !== 'scalar') never(node, base, report);
      return;
    case 'list':
      list(node, what, report)
        ?.filter((item) => item.kind !== 'scalar')
        .forEach((item) => never(item, base, report));
      return;
    case 'orderable':
      orderable(node, what, report);
      return;
    case 'text':
      if (!isText(node))
        report.error(
          node.at,
          'text-expected',
          `${what} needs text, not ${kindName(node)}`,
          node.kind === 'list' ? `to compare with any of several: someValue:${base}` : 'put it in quotes',
        );
      return;
    case 'boolean':
      if (node.kind !== 'scalar' || typeof node.value !== 'boolean')
        report.error(node.at, 'boolean-expected', `${what} needs true or false, not ${kindName(node)}`);
      return;
    case 'networks':
      if (node.kind === 'list') notEmpty(node, what, report);
      for (const item of node.kind === 'list' ? node.items : [node]) {
        if (item.kind !== 'scalar' || typeof item.value !== 'string' || parseNetwork(item.value) === undefined) {
          const message = item.kind === 'scalar' ? `invalid network "${item.value}"` : `${what} needs networks, not ${kindName(item)}`;
          report.error(item.at, 'bad-network', message, 'for example 10.0.0.0/8, 2001:db8::/32 or a single address');
        }
      }
  }
}

/** Checks the constant on the left side, after `swap:`. */
function checkFact(node: Node, base: string, report: Reporter): void {
  if (operators.get(base)!.value === 'orderable') orderable(node, `"swap:${base}"`, report);
}

function orderable(node: Node, what: string, report: Reporter): void {
  if (node.kind === 'scalar' && (typeof node.value === 'number' || typeof node.value === 'string')) return;
  report.error(node.at, 'number-expected', `${what} needs a number, not ${kindName(node)}`, 'null, true, false and lists have no order');
}

const isText = (node: Node): boolean => node.kind === 'scalar' && typeof node.value === 'string';

/** Lists and maps are compared by identity, as in json-rules-engine: one from an event never equals one from a rule. */
function never(node: Node, base: string, report: Reporter): void {
  const hint = node.kind === 'list' ? 'to compare with any of several: in, notIn or contains' : 'compare the fields inside it';
  report.warn(node.at, 'compared-by-identity', `"${base}" never matches ${kindName(node)}`, hint);
}
