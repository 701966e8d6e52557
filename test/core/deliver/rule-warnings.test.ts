/** The warnings for rules in a target's filter. */
import { describe, expect, it } from 'vitest';
import { warningsOf, type RuleStatus } from '../../../engine/core/deliver/rule-warnings.ts';

const rules: readonly RuleStatus[] = [
  { id: 'card-testing', status: 'live' },
  { id: 'account-takeover-cash-out', status: 'live' },
  { id: 'impossible-travel', status: 'shadow' },
  { id: 'new-device', status: 'draft' },
  { id: 'old-device', status: 'off' },
];

describe('the warnings for a filter', () => {
  it.each([
    [[], []],
    [['card-testing'], []],
    [['card-testng'], ['rules: unknown rule "card-testng"; did you mean card-testing?']],
    [['Card-Testing'], ['rules: unknown rule "Card-Testing"; did you mean card-testing?']],
    [['something-else'], ['rules: unknown rule "something-else"']],
    [['account-takeover'], ['rules: unknown rule "account-takeover"']],
    [['x\u001b[2J"'], ['rules: unknown rule "x\\u001b[2J\\""']],
    [['impossible-travel'], ['rules: impossible-travel is shadow; its alerts are not sent until it is live']],
    [['card-testing', 'new-device'], ['rules: new-device is draft; its alerts are not sent until it is live']],
    [['old-device', 'old-device'], ['rules: old-device is off; its alerts are not sent until it is live']],
  ])('%j', (named, warnings) => {
    expect(warningsOf({ rules: named }, rules)).toEqual(warnings);
  });

  it('are listed up to a bound, and counted beyond it', () => {
    const named = Array.from({ length: 200 }, (_, i) => `unknown-${i}`);
    const warnings = warningsOf({ rules: named }, rules);
    expect(warnings).toHaveLength(11);
    expect(warnings[9]).toContain('"unknown-9"');
    expect(warnings[10]).toBe('rules: 190 more are unknown or not live');
  });

  it('cover all rules while none are running', () => {
    expect(warningsOf({ rules: ['card-testing'] }, [])).toEqual(['rules: unknown rule "card-testing"']);
  });
});
