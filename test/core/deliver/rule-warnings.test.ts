/** Which rules of a target's filter are told of, and in which words. */
import { describe, expect, it } from 'vitest';
import { warningsOf, type RuleStatus } from '../../../engine/core/deliver/rule-warnings.ts';

const rules: readonly RuleStatus[] = [
  { id: 'card-testing', status: 'live' },
  { id: 'account-takeover-cash-out', status: 'live' },
  { id: 'impossible-travel', status: 'shadow' },
  { id: 'new-device', status: 'draft' },
  { id: 'old-device', status: 'off' },
];

describe('the rules that a target names', () => {
  it.each([
    [[], []],
    [['card-testing'], []],
    [['card-testng'], ['rules: there is no rule "card-testng" at present; did you mean card-testing?']],
    [['Card-Testing'], ['rules: there is no rule "Card-Testing" at present; did you mean card-testing?']],
    [['something-else'], ['rules: there is no rule "something-else" at present']],
    [['account-takeover'], ['rules: there is no rule "account-takeover" at present']],
    [['x\u001b[2J"'], ['rules: there is no rule "x\\u001b[2J\\"" at present']],
    [['impossible-travel'], ['rules: impossible-travel is shadow: no alert of it is sent until it is live']],
    [['card-testing', 'new-device'], ['rules: new-device is draft: no alert of it is sent until it is live']],
    [['old-device', 'old-device'], ['rules: old-device is off: no alert of it is sent until it is live']],
  ])('%j', (named, warnings) => {
    expect(warningsOf({ rules: named }, rules)).toEqual(warnings);
  });

  it('are told up to a number, and counted beyond it', () => {
    const named = Array.from({ length: 200 }, (_, i) => `unknown-${i}`);
    const warnings = warningsOf({ rules: named }, rules);
    expect(warnings).toHaveLength(11);
    expect(warnings[9]).toContain('"unknown-9"');
    expect(warnings[10]).toBe('rules: and 190 more that are not live');
  });

  it('are all told of while there are no rules', () => {
    expect(warningsOf({ rules: ['card-testing'] }, [])).toEqual(['rules: there is no rule "card-testing" at present']);
  });
});
