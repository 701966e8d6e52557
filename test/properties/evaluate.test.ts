/**
 * Evaluation against the slow obvious version: 21,000 small cases of every kind and option, with windows that end on
 * their boundaries, equal times, events that match several steps, and late arrivals. A failure prints its seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../engine/core/correlate/entry.ts';
import { evaluate } from '../../engine/core/correlate/evaluate.ts';
import { participants } from '../../engine/core/correlate/proof.ts';
import type { Rule, Sequence } from '../../engine/core/rule.ts';
import type { Fulfilment, Moment } from '../../engine/core/correlate/verdict.ts';
import { later } from '../core/correlate/evaluate.support.ts';
import {
  aggregateLogs,
  aggregateRules,
  both,
  logsFor,
  longLogs,
  moments,
  openAbsences,
  plainSequences,
  sequenceRules,
} from './evaluate.arbitraries.ts';
import { expectedVerdict, inOrder } from './evaluate.oracle.ts';

const short = ({ at, by, value }: { at: number; by: Entry; value: number }): string => `${at}: ${value} by ${by.id}/${by.step}/${by.index}`;

function agree(rule: Rule, entries: readonly Entry[], moment: Moment): readonly Fulfilment[] {
  const verdict = evaluate(rule, entries, moment);
  const expected = expectedVerdict(rule, entries, moment);
  expect(verdict.fulfilments.map(short)).toEqual(expected.fulfilments.map(short));
  expect(verdict.reviewAt).toBe(expected.reviewAt);
  expect(verdict.undecided).toBe(0);
  return verdict.fulfilments;
}

describe('aggregates', () => {
  it('are what filtering the log for each window gives', () => {
    fc.assert(
      fc.property(
        both(aggregateRules(false), () => aggregateLogs),
        ({ rule, entries }) => {
          for (const { at, by, proof } of agree(rule, entries, later)) {
            const window = entries.filter(
              (entry) => entry.time > at - rule.correlation!.timespanMs && entries.indexOf(entry) <= entries.indexOf(by),
            );
            expect(proof).toEqual(window);
          }
        },
      ),
      { numRuns: 4000 },
    );
  });

  it('are, settled, what had arrived when they were due', () => {
    fc.assert(
      fc.property(
        both(aggregateRules(true), () => aggregateLogs),
        moments,
        ({ rule, entries }, moment) => void agree(rule, entries, moment),
      ),
      { numRuns: 2500 },
    );
  });
});

describe('temporal', () => {
  for (const ending of ['positive', 'not'] as const) {
    it(`is fulfilled where some assignment of different events is, ending with a ${ending} step`, () => {
      fc.assert(
        fc.property(both(sequenceRules('temporal', ending, false), logsFor), ({ rule, entries }) => {
          for (const { at, proof } of agree(rule, entries, later)) {
            expect(new Set(proof.map(({ id }) => id)).size).toBe(proof.length);
            expect(proof.every(({ time }) => time > at - rule.correlation!.timespanMs && time <= at)).toBe(true);
            checkTimes(rule, proof);
          }
        }),
        { numRuns: 1500 },
      );
    });
  }

  it('is, settled, what had arrived when it was due', () => {
    fc.assert(
      fc.property(
        both(sequenceRules('temporal', 'positive', true), logsFor),
        moments,
        ({ rule, entries }, moment) => void agree(rule, entries, moment),
      ),
      { numRuns: 1000 },
    );
  });
});

describe('temporal_ordered', () => {
  it('is fulfilled where some assignment is, and shows the one that begins latest', () => {
    fc.assert(
      fc.property(both(sequenceRules('temporal_ordered', 'positive', false), logsFor), ({ rule, entries }) => {
        const found = agree(rule, entries, later);
        const expected = expectedVerdict(rule, entries, later).fulfilments;
        found.forEach(({ proof }, index) => checkAssignment(rule, entries, proof, expected[index]!.start));
      }),
      { numRuns: 3000 },
    );
  });

  it('is, settled, what had arrived when it was due', () => {
    fc.assert(
      fc.property(
        both(sequenceRules('temporal_ordered', 'positive', true), logsFor),
        moments,
        ({ rule, entries }, moment) => void agree(rule, entries, moment),
      ),
      { numRuns: 1000 },
    );
  });

  it('fires an absence where the clock, one millisecond at a time, comes to it', () => {
    fc.assert(
      fc.property(
        both(fc.oneof(sequenceRules('temporal_ordered', 'not', false), openAbsences), logsFor),
        moments,
        ({ rule, entries }, moment) => void agree(rule, entries, moment),
      ),
      { numRuns: 5000 },
    );
  });
});

describe('longer logs', () => {
  it('of sequences are judged as trying all assignments does', () => {
    fc.assert(
      fc.property(
        both(plainSequences, () => longLogs),
        moments,
        ({ rule, entries }, moment) => void agree(rule, entries, moment),
      ),
      { numRuns: 300 },
    );
  });

  it('of aggregates are judged as filtering does', () => {
    fc.assert(
      fc.property(
        both(fc.oneof(aggregateRules(false), aggregateRules(true)), () => longLogs),
        moments,
        ({ rule, entries }, moment) => void agree(rule, entries, moment),
      ),
      { numRuns: 500 },
    );
  });
});

describe('participants', () => {
  it('are the events of all proofs, each once', () => {
    const any = fc.oneof(
      both(aggregateRules(false), () => aggregateLogs),
      both(sequenceRules('temporal', 'positive', false), logsFor),
      both(sequenceRules('temporal_ordered', 'positive', false), logsFor),
    );
    fc.assert(
      fc.property(any, fc.infiniteStream(fc.boolean()), ({ rule, entries }, picks) => {
        const some = evaluate(rule, entries, later).fulfilments.filter(() => picks.next().value);
        const ids = participants(some).map(({ id }) => id);
        expect(ids.toSorted()).toEqual([...new Set(some.flatMap(({ proof }) => proof.map(({ id }) => id)))].toSorted());
        expect(participants(some).map(({ time }) => time)).toEqual(
          participants(some)
            .map(({ time }) => time)
            .toSorted((a, b) => a - b),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

function checkTimes({ steps }: Rule, proof: readonly Entry[]): void {
  steps.forEach(({ negative, times }, index) => {
    const group = proof.filter(({ step }) => step === index);
    expect(group).toHaveLength(negative ? 0 : times.gte);
    expect((group.at(-1)?.time ?? 0) - (group[0]?.time ?? 0)).toBeLessThan(negative ? 1 : (times.inMs ?? Infinity));
  });
}

function checkAssignment(rule: Rule, entries: readonly Entry[], proof: readonly Entry[], start: number): void {
  const { timespanMs } = rule.correlation as Sequence;
  checkTimes(rule, proof);
  expect(new Set(proof.map(({ id }) => id)).size).toBe(proof.length);
  const groups = rule.steps.flatMap(({ negative }, index) => (negative ? [] : [proof.filter(({ step }) => step === index)]));
  groups.forEach((_, index) => expect(inOrder(rule.steps, groups.slice(0, index + 1), entries, timespanMs)).toBe(true));
  expect(groups[0]![0]!.time).toBe(start);
  expect(groups.at(-1)!.at(-1)!.time - start).toBeLessThan(timespanMs);
}
