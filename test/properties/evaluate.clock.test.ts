/**
 * What evaluation guarantees over time: a decision never changes, nothing becomes due without a review, and no needed
 * evaluation is skipped. The events of a log arrive one by one, in any order.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange, type Entry } from '../../engine/core/correlate/entry.ts';
import { evaluate } from '../../engine/core/correlate/evaluate.ts';
import { weightOf, weightUnits } from '../../engine/core/correlate/log-profile.ts';
import { horizonOf, isMonotone, requirementsOf } from '../../engine/core/correlate/requirements.ts';
import { correlated, type Rule } from '../../engine/core/rule.ts';
import { aggregateRule, at, entryOf, later, sequenceRule } from '../core/correlate/evaluate.support.ts';
import { aggregateJournals, journalsFor, type Case } from './evaluate.arbitraries.ts';
import { firstArrivals } from './evaluate.oracle.ts';
import { earlyCases, waitingCases } from './kinds.cases.ts';

const anyCase = fc.oneof(earlyCases, waitingCases);

const clocks = Array.from({ length: 60 }, (_, clock) => clock);
const ends = (rule: Rule, entries: readonly Entry[], moment = later): string[] =>
  evaluate(rule, entries, moment).fulfilments.map(
    (found) => `${found.at} ${found.by.id} ${found.by.step} ${found.by.index} ${found.value}`,
  );

describe('a verdict that waits for the clock', () => {
  it('stays as it was decided, whatever arrives afterwards', () => {
    fc.assert(
      fc.property(waitingCases, fc.constantFrom(0, 2, 5), ({ rule, entries }, latenessMs) => {
        let before: string[] = [];
        for (const clock of clocks) {
          const arrived = entries.filter(({ ref }) => ref.ms < clock);
          const now = ends(rule, arrived, at(clock, latenessMs));
          expect(now).toEqual(expect.arrayContaining(before));
          // Another worker may have appended entries that arrived after the clock.
          expect(ends(rule, entries, at(clock, latenessMs))).toEqual(expect.arrayContaining(now));
          before = now;
        }
        expect(before).toEqual(ends(rule, entries, at(1e6, latenessMs)));
      }),
      { numRuns: 1500 },
    );
  });

  it('never becomes due without having asked for a review by then', () => {
    fc.assert(
      fc.property(waitingCases, fc.constantFrom(0, 2, 5), ({ rule, entries }, latenessMs) => {
        for (const clock of clocks) {
          const now = evaluate(rule, entries, at(clock, latenessMs));
          expect(now.reviewAt ?? Infinity).toBeGreaterThan(clock);
          if (now.reviewAt === clock + 1) continue;
          expect(ends(rule, entries, at(clock + 1, latenessMs))).toEqual(
            now.fulfilments.map((found) => `${found.at} ${found.by.id} ${found.by.step} ${found.by.index} ${found.value}`),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('needs no entry before holdFrom', () => {
    fc.assert(
      fc.property(waitingCases, fc.integer({ min: 0, max: 30 }), ({ rule, entries }, clock) => {
        const arrived = entries.filter(({ ref }) => ref.ms < clock);
        const { holdFrom, fulfilments } = evaluate(rule, arrived, at(clock, 5));
        if (holdFrom === undefined) return;
        if (fulfilments.length > 0) return;
        const all = ends(rule, arrived, at(1e6, 5));
        const held = ends(
          rule,
          arrived.filter(({ time }) => time >= holdFrom),
          at(1e6, 5),
        );
        expect(held).toEqual(expect.arrayContaining(all));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('events that came in order, some of them still with another worker', () => {
  /** Sums depend on what is in the log: while no value is negative, further entries can only help. */
  const contradictable = ({ rule }: Case): boolean => !correlated(rule).correlation.kind.isMonotone(correlated(rule), []);
  const contradictableCases = earlyCases
    .filter(contradictable)
    .map(({ rule, entries }) => ({ rule, entries: entries.map((entry) => ({ ...entry, ref: { ...entry.ref, ms: entry.time } })) }));

  it('fire no alert that later events contradict, and are evaluated again until nothing is open', () => {
    let waited = 0;
    fc.assert(
      fc.property(contradictableCases, fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }), ({ rule, entries }, appended) => {
        const whole = ends(rule, entries);
        for (const clock of [0, 3, 6, 9, 12, 20]) {
          const log = entries.filter(({ ref }, i) => ref.ms < clock || appended[i % appended.length]);
          const { fulfilments, reviewAt } = evaluate(rule, log, at(clock));
          expect(whole).toEqual(expect.arrayContaining(fulfilments.map((f) => `${f.at} ${f.by.id} ${f.by.step} ${f.by.index} ${f.value}`)));
          expect(reviewAt ?? Infinity).toBeGreaterThan(clock);
          if (reviewAt !== undefined) waited++;
        }
        expect(evaluate(rule, entries, at(28)).reviewAt).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
    expect(waited).toBeGreaterThan(100);
  });
});

describe('slack and requirements', () => {
  it('never miss a fulfilled window: fewer entries than the slack fulfil nothing, wherever they fall', () => {
    fc.assert(
      fc.property(anyCase, fc.integer({ min: 0, max: 9 }), ({ rule, entries }, have) => {
        const byArrival = entries.toSorted((a, b) => a.ref.ms - b.ref.ms || a.ref.seq - b.ref.seq);
        const log = byArrival.slice(0, have);
        const { slack, fulfilments, reviewAt } = evaluate(rule, arrange(log), at(0));
        expect(slack).toBeGreaterThanOrEqual(1);
        const found = fulfilments.length > 0 || reviewAt !== undefined;
        expect(found ? slack : 1).toBe(1);
        if (found) return;
        const grown = evaluate(rule, arrange(byArrival.slice(0, have + slack - 1)), at(0));
        expect(grown.fulfilments).toEqual([]);
        expect(grown.reviewAt).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });

  it('of a sum never miss one: values below the missing weight, or the requirements, fulfil nothing, wherever they fall', () => {
    const amount = fc.oneof(fc.integer({ min: -3, max: 6 }), fc.constantFrom(0.1, 0.2, 0.3, 0.6, 0.7, 1e17));
    const sums = fc.record({
      amounts: fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), amount), { maxLength: 12, size: 'max' }),
      have: fc.integer({ min: 0, max: 12 }),
      bound: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0.3, 0.6, 0.7, 0.8, 0.9, 1.1)),
      timespanMs: fc.integer({ min: 1, max: 13 }),
    });
    fc.assert(
      fc.property(sums, ({ amounts, have, bound, timespanMs }) => {
        const rule = aggregateRule('value_sum', { gte: bound, timespanMs });
        const log = amounts.map(([time, value], nth) => entryOf({ time, id: `e${(nth * 7) % 13}`, value }));
        const unit = requirementsOf(rule).minWeight! / weightUnits;
        const weight = (entries: readonly Entry[]): number => entries.reduce((sum, { value }) => sum + weightOf(value, unit), 0);
        const { room = 0, fulfilments } = evaluate(rule, arrange(log.slice(0, have)), later);
        if (fulfilments.length > 0) return;
        for (let end = have; end <= log.length; end++) {
          const shut = weight(log.slice(have, end)) < Math.floor(room / unit) || weight(log.slice(0, end)) < weightUnits;
          expect(shut ? ends(rule, arrange(log.slice(0, end))) : []).toEqual([]);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('require no more than the smallest fulfilled log has', () => {
    fc.assert(
      fc.property(anyCase, ({ rule, entries }) => {
        const { minEntries, needSteps } = requirementsOf(rule);
        for (let size = 0; size <= entries.length; size++) {
          const log = entries.slice(0, size);
          const steps = log.reduce((mask, { step }) => (mask | (1 << step)) >>> 0, 0);
          const shut = size < minEntries || (steps & needSteps) >>> 0 !== needSteps;
          expect(shut ? ends(rule, log) : []).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a log', () => {
  it('keeps the first arrival of each observation, in whichever order its entries were appended', () => {
    const journals = fc.oneof(aggregateJournals, journalsFor(sequenceRule('temporal', [{}, {}, {}])));
    fc.assert(
      fc.property(
        journals.chain((journal) => fc.tuple(fc.constant(journal), fc.shuffledSubarray([...journal], { minLength: journal.length }))),
        ([journal, shuffled]) => {
          expect(arrange(journal)).toEqual(firstArrivals(journal));
          expect(arrange(shuffled)).toEqual(firstArrivals(shuffled));
          expect(arrange([...shuffled, ...shuffled])).toEqual(firstArrivals(shuffled));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('of a monotone rule never loses a fulfilled window when an entry is added', () => {
    fc.assert(
      fc.property(anyCase, fc.nat({ max: 8 }), ({ rule, entries }, without) => {
        if (!isMonotone(rule) || rule.correlation!.settle) return;
        const windows = (log: readonly Entry[]): string[] =>
          evaluate(rule, log, later).fulfilments.map(({ at: end, by }) => `${end} ${by.id}`);
        const fewer = entries.filter((_, index) => index !== without);
        expect(windows(entries)).toEqual(expect.arrayContaining(windows(fewer)));
      }),
      { numRuns: 1000 },
    );
  });

  it('may lose entries that are more than the horizon before the end of a window', () => {
    fc.assert(
      fc.property(anyCase, ({ rule, entries }) => {
        for (const found of evaluate(rule, entries, later).fulfilments) {
          const recent = entries.filter(({ time }) => time >= found.at - horizonOf(rule));
          const again = evaluate(rule, recent, later).fulfilments.find(({ at: end, by }) => end === found.at && by.id === found.by.id);
          expect(again?.value).toBe(found.value);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
