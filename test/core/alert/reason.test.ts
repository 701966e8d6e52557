/** The one line that tells an analyst why. */
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../engine/core/correlate/evaluate.ts';
import { reason } from '../../../engine/core/alert/reason.ts';
import type { Rule } from '../../../engine/core/rule.ts';
import { aggregateRule, later, log, sequenceRule, singleRule, values } from '../correlate/evaluate.support.ts';

const first = (rule: Rule, entries: ReturnType<typeof log>, group: Record<string, string> = { 'user.id': 'eve' }): string =>
  reason(rule, group, evaluate(rule, entries, later).fulfilments[0]!);

describe('reason', () => {
  it('of an aggregate names the number, the group, the timespan and the need', () => {
    const cards = aggregateRule('value_count', { gte: 5, timespanMs: 600_000, fields: ['card.fingerprint'] });
    expect(first(cards, values('1=a 2=b 3=c 4=d 5=e'), { 'source.ip': '203.0.113.9' })).toBe(
      '5 distinct card.fingerprint for source.ip=203.0.113.9 in 10m (needs 5)',
    );
    expect(first(aggregateRule('event_count', { lt: 2, timespanMs: 60_000 }), log('A1'))).toBe(
      '1 event for user.id=eve in 1m (needs less than 2)',
    );
    expect(first(aggregateRule('event_count', { gt: 1, lte: 9 }), log('A1 A2'), {})).toBe(
      '2 events in 10ms (needs more than 1 and at most 9)',
    );
    const amount = { fields: ['transaction.amount_minor'], timespanMs: 3_600_000, gte: 1 };
    expect(first(aggregateRule('value_sum', amount), values('1=700'))).toBe(
      'sum 700 of transaction.amount_minor for user.id=eve in 1h (needs 1)',
    );
    expect(first(aggregateRule('value_avg', amount), values('1=700'))).toMatch(/^average 700 of /);
    expect(first(aggregateRule('value_min', amount), values('1=700'))).toMatch(/^lowest 700 of /);
    expect(first(aggregateRule('value_max', amount), values('1=700'))).toMatch(/^highest 700 of /);
  });

  it('of a sequence tells its steps', () => {
    const steps = [{ name: 'guess', gte: 2 }, { name: 'reset', not: true }, { name: 'enter' }];
    expect(first(sequenceRule('temporal_ordered', steps, { timespanMs: 1_800_000 }), log('A1 A2 C3'))).toBe(
      'guess ×2, no reset, then enter for user.id=eve in 30m',
    );
    expect(first(sequenceRule('temporal', steps), log('A1 C2 A3'))).toBe('guess ×2 and enter, no reset for user.id=eve in 10ms');
  });

  it('of an absence says what did not happen, and until when', () => {
    expect(first(sequenceRule('temporal_ordered', [{ name: 'login' }, { name: 'mfa', not: true, withinMs: 5000 }]), log('A1'))).toBe(
      'login, then no mfa within 5s for user.id=eve',
    );
    expect(first(sequenceRule('temporal_ordered', [{ name: 'login' }, { name: 'mfa', not: true }]), log('A1'))).toBe(
      'login, then no mfa within 10ms of the first for user.id=eve',
    );
  });

  it('quotes group values that would break the line', () => {
    expect(first(aggregateRule('event_count', { gte: 1 }), log('A1'), { 'user.id': 'eve\nFAKE', b: 'x' })).toBe(
      '1 event for user.id="eve\\nFAKE", b=x in 10ms (needs 1)',
    );
  });

  it('is for correlated rules', () => {
    expect(() => first(singleRule(), log('A1'))).toThrow('no correlation');
  });
});
