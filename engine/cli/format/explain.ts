/**
 * An explanation as text for a terminal:
 *
 *     card-testing  Card testing from one address  (live, high)
 *     does not match: no condition held
 *       ✗ all
 *         ✓ event.dataset equal "payments"
 *         ✗ transaction.status equal "declined"   is "approved"
 *
 * Values of events are shown as JSON, truncated and without control characters, because they come from outside.
 */
import type { ExplainedCondition, ExplainedStep, Explanation } from '../../compile/index.ts';
import type { Rule } from '../../core/rule.ts';
import { paint } from '../output.ts';

const shownMax = 120;

const outcomes: Readonly<Record<Explanation['because'], string>> = {
  matched: 'matches',
  'rule-not-running': 'does not match: the rule is not running',
  'no-condition-held': 'does not match: no condition held',
  'group-key-missing': 'does not count: a group-by field is missing, null, empty or an object',
};

/** @returns lines without line ends */
export function formatExplanation({ rule, because, steps }: Explanation, color: boolean): string[] {
  const lines = [
    `${paint(color, 'bold', rule.id)}  ${shownText(rule.title)}  (${rule.status}, ${rule.level})`,
    paint(color, because === 'matched' ? 'green' : 'yellow', outcomes[because]),
  ];
  for (const step of steps) {
    if (steps.length > 1) lines.push(`  ${mark(step.held, color)} step ${step.name}${step.negative ? ' (must not happen)' : ''}`);
    lines.push(...conditionLines(step.condition, steps.length > 1 ? 2 : 1, color));
    if (step.group.length > 0) lines.push(`${'  '.repeat(steps.length > 1 ? 2 : 1)}group ${groupText(step)}`);
  }
  const window = windowText(rule);
  return window === undefined ? lines : [...lines, `  then ${window}`];
}

const mark = (held: boolean, color: boolean): string => (held ? paint(color, 'green', '✓') : paint(color, 'red', '✗'));

export function conditionLines(condition: ExplainedCondition, depth: number, color: boolean): string[] {
  const head = `${'  '.repeat(depth)}${mark(condition.held, color)} `;
  if (condition.kind !== 'test')
    return [`${head}${condition.kind}`, ...condition.of.flatMap((each) => conditionLines(each, depth + 1, color))];
  const { fact, path, operator, comparedWith, expected, actual } = condition;
  const right = comparedWith === undefined ? valueText(expected) : `${shownText(comparedWith)} (${valueText(expected)})`;
  const found = actual === undefined ? 'is missing' : `is ${valueText(actual)}`;
  const line = `${head}${shownText(fact)}${path === undefined ? '' : ` ${shownText(path)}`} ${operator} ${right}`;
  return [condition.held && operator === 'equal' ? line : `${line}   ${paint(color, 'dim', found)}`];
}

function groupText({ group }: ExplainedStep): string {
  return group
    .map(
      ({ name, field, values }) =>
        `${shownText(name === field ? name : `${name} (${field})`)} = ${values.length === 0 ? 'nothing' : values.map(shownText).join(' | ')}`,
    )
    .join(', ');
}

export function windowText({ steps, correlation }: Rule): string | undefined {
  if (correlation === undefined) return undefined;
  const { kind, fields } = correlation;
  const counted = fields.length === 0 ? '' : ` of ${shownText(fields.map(({ name }) => name).join(', '))}`;
  return `${kind.name}${counted} ${kind.explain({ steps, correlation })}`;
}

const valueText = (value: unknown): string => (value === undefined ? 'missing' : shownText(JSON.stringify(value)));

/** Truncated, with control characters escaped. */
export function shownText(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`);
  return visible.length <= shownMax ? visible : `${visible.slice(0, shownMax)}…`;
}
