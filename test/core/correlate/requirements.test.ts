/** What a rule requires of its logs, before any is read. */
import { describe, expect, it } from 'vitest';
import { horizonOf, isMonotone, requirementsOf } from '../../../engine/core/correlate/requirements.ts';
import { aggregateRule, sequenceRule, type StepSpec } from './evaluate.support.ts';

const ordered = (...steps: StepSpec[]) => sequenceRule('temporal_ordered', steps);

describe('the requirements', () => {
  it('of counts are the smallest count that can be enough', () => {
    expect(requirementsOf(aggregateRule('event_count', { gte: 5 }))).toEqual({ minEntries: 5, needSteps: 0 });
    expect(requirementsOf(aggregateRule('event_count', { gt: 5 })).minEntries).toBe(6);
    expect(requirementsOf(aggregateRule('event_count', { gte: 2.5 })).minEntries).toBe(3);
    expect(requirementsOf(aggregateRule('event_count', { eq: 4 })).minEntries).toBe(4);
    expect(requirementsOf(aggregateRule('value_count', { gte: 3, lte: 9 })).minEntries).toBe(3);
    expect(requirementsOf(aggregateRule('event_count', { lt: 5 })).minEntries).toBe(1);
    expect(requirementsOf(aggregateRule('value_sum', { gte: 500 })).minEntries).toBe(1);
  });

  it('of sequences are all their positive steps', () => {
    expect(requirementsOf(ordered({ gte: 5 }, { not: true }, {}, { not: true }))).toEqual({ minEntries: 6, needSteps: 0b101 });
    const steps = Array.from({ length: 32 }, () => ({}));
    expect(requirementsOf(ordered(...steps))).toEqual({ minEntries: 32, needSteps: 0xffffffff });
  });
});

describe('the horizon', () => {
  it('is the timespan plus what a `not` at either end adds', () => {
    expect(horizonOf(aggregateRule('event_count', { gte: 1, timespanMs: 70 }))).toBe(70);
    expect(horizonOf(ordered({ withinMs: 5 }, { withinMs: 5 }))).toBe(10);
    expect(horizonOf(ordered({ not: true, withinMs: 7 }, {}))).toBe(17);
    expect(horizonOf(ordered({ not: true }, {}))).toBe(20);
    expect(horizonOf(ordered({}, { not: true, withinMs: 7 }))).toBe(17);
    expect(horizonOf(ordered({}, { not: true }))).toBe(10);
    expect(horizonOf(sequenceRule('temporal', [{ not: true }, {}]))).toBe(10);
  });
});

describe('monotone rules', () => {
  it('are lower bounds of counts, distinct values and maxima, and sequences without `not`', () => {
    for (const kind of ['event_count', 'value_count', 'value_max'] as const) {
      expect(isMonotone(aggregateRule(kind, { gte: 2 }))).toBe(true);
      expect(isMonotone(aggregateRule(kind, { gt: 2, gte: 1 }))).toBe(true);
      expect(isMonotone(aggregateRule(kind, { gte: 2, lte: 9 }))).toBe(false);
    }
    for (const kind of ['value_sum', 'value_avg', 'value_min'] as const) expect(isMonotone(aggregateRule(kind, { gte: 2 }))).toBe(false);
    expect(isMonotone(ordered({}, {}))).toBe(true);
    expect(isMonotone(ordered({}, { not: true }, {}))).toBe(false);
  });
});
