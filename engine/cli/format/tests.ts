/** The result of a rule test as lines for a person: one line if it passed; what differs, and where, if it failed. */
import type { Alert } from '../../core/alert/alert.ts';
import type { RuleTestResult } from '../../runtime/rules/rule-tests.ts';
import { paint } from '../output.ts';

/** @param color whether to use colours */
export function resultLines(result: RuleTestResult, color: boolean): string[] {
  const name = `${result.rule}: ${result.test}`;
  if (result.passed) return [`${paint(color, 'green', 'ok')}    ${name}`];
  const { expected, alerts, missing, unexpected } = result;
  return [
    `${paint(color, 'red', 'FAIL')}  ${name}`,
    `      ${paint(color, 'dim', `${result.file}:${result.line}:${result.column}`)}`,
    ...result.faults.map((fault) => `      ${fault}`),
    ...(result.faults.length > 0 ? [] : [`      expected ${alertsText(expected.length)}, got ${alerts.length}`]),
    ...missing.map((one) => `      - expected ${JSON.stringify(one)}`),
    ...unexpected.map((alert) => `      + actual   ${JSON.stringify(shownKeys(alert, expected))}`),
  ];
}

const alertsText = (count: number): string => `${count} ${count === 1 ? 'alert' : 'alerts'}`;

/** The keys that identify an alert, and those that the test compares. */
function shownKeys(alert: Alert, expected: RuleTestResult['expected']): Record<string, unknown> {
  const keys = new Set(['group', 'value', 'reason', ...expected.flatMap((one) => Object.keys(one))]);
  return Object.fromEntries(Object.entries(alert).filter(([key]) => keys.has(key)));
}
