import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../engine/core/correlate/evaluate.ts';
import { alertId, planFire, type AlertRecord, type FirePlan } from '../../../engine/core/alert/fire.ts';
import { countingOf } from '../../../engine/core/alert/tally.ts';
import { arrange, type Entry } from '../../../engine/core/correlate/entry.ts';
import type { Rule } from '../../../engine/core/rule.ts';
import { aggregateRule, at, entryOf, log, sequenceRule } from '../correlate/evaluate.support.ts';

const none: AlertRecord = { version: 0, marks: [] };
const two = aggregateRule('event_count', { gte: 2, timespanMs: 10 });

function plan(rule: Rule, entries: readonly Entry[], suppressMs: number, record = none): FirePlan {
  const { fulfilments } = evaluate(rule, entries, at(1e9));
  return planFire(rule.id, 'g', fulfilments, record, suppressMs, countingOf(fulfilments, rule.correlation!.kind.isContiguous));
}
const after = (done: FirePlan): AlertRecord => ({ version: 1, marks: done.marks });
const summary = (done: FirePlan): string[] => done.marks.map(({ at: end, count, first, last }) => `${end}: ${count} of ${first}–${last}`);

/** As many different ids, in any order. */
const idsOf = (count: number): fc.Arbitrary<string[]> => {
  const all = Array.from({ length: count }, (_, n) => `e${n}`);
  return fc.shuffledSubarray(all, { minLength: count, maxLength: count });
};

describe('suppression', () => {
  it('covers windows that end less than `suppress` before or after an alert, excluding the edge', () => {
    const fired = plan(two, log('A100 A101'), 20);
    expect(fired.fired.map(({ mark }) => mark.at)).toEqual([101]);
    for (const [text, alerts] of [
      ['A100 A101 A119 A120', 0],
      ['A100 A101 A120 A121', 1],
      ['A82 A83 A100 A101', 0],
      ['A80 A81 A100 A101', 1],
    ] as const) {
      const again = plan(two, log(text), 20, { version: 1, marks: fired.marks.map((mark) => ({ ...mark, id: 'al_earlier' })) });
      expect(again.fired.length, text).toBe(alerts);
    }
  });

  it('of 0 makes windows that end at different times separate alerts', () => {
    expect(plan(two, log('A1 A2 A3'), 0).fired.map(({ mark }) => mark.at)).toEqual([2, 3]);
  });

  it('of 0 makes one alert of all windows that end at one instant', () => {
    expect(summary(plan(two, log('A1 A1 A1 A2'), 0))).toEqual(['1: 3 of 1–1', '2: 4 of 1–2']);
    const late = plan(two, log('A1 A1'), 0);
    const again = plan(two, arrange([entryOf({ time: 1, id: 'a-first' }), ...log('A1 A1')]), 0, after(late));
    expect([again.fired, summary(again)]).toEqual([[], ['1: 3 of 1–1']]);
  });

  it('gives the same alerts and counts whatever the ids of the events of an instant', () => {
    const timespanMs = 4;
    const rules = [
      aggregateRule('event_count', { gte: 2, timespanMs }),
      aggregateRule('event_count', { eq: 2, timespanMs }),
      aggregateRule('value_count', { gte: 2, timespanMs }),
      aggregateRule('value_sum', { gte: 3, timespanMs }),
      aggregateRule('value_sum', { gte: 3, lt: 6, timespanMs }),
      aggregateRule('value_avg', { lt: 2, timespanMs }),
      aggregateRule('value_max', { gte: 3, timespanMs }),
      aggregateRule('value_min', { lte: 1, timespanMs }),
      sequenceRule('temporal', [{ gte: 2 }, {}], { timespanMs }),
      sequenceRule('temporal', [{}, {}, { not: true }], { timespanMs }),
      sequenceRule('temporal_ordered', [{}, { gte: 2 }], { timespanMs }),
      sequenceRule('temporal_ordered', [{}, { not: true }, {}], { timespanMs }),
      sequenceRule('temporal_ordered', [{}, {}, { not: true, withinMs: 3 }], { timespanMs }),
    ];
    const events = fc
      .array(fc.record({ time: fc.nat(6), value: fc.nat(3), step: fc.nat(2) }), { maxLength: 9 })
      .chain((made) => fc.tuple(fc.constant(made), idsOf(made.length), idsOf(made.length)));
    fc.assert(
      fc.property(fc.constantFrom(...rules), events, fc.constantFrom(0, 1, 3), (rule, [made, some, others], suppressMs) => {
        const single = rule.steps.length === 1;
        const carried = (value: number): number | string => (rule.correlation!.kind.name === 'value_count' ? String(value) : value);
        const named = (names: readonly string[]): readonly Entry[] =>
          arrange(
            made.map(({ time, value, step }, n) =>
              entryOf({ time, id: names[n]!, value: carried(value), step: single ? 0 : step % rule.steps.length }),
            ),
          );
        const alerts = (names: readonly string[]) => {
          const done = plan(rule, named(names), suppressMs);
          // Of a sequence, the counts depend on which of several assignments proves it.
          return single ? summary(done) : done.marks.map(({ at: end }) => end);
        };
        expect(alerts(others)).toEqual(alerts(some));
      }),
      { numRuns: 3000 },
    );
  });

  it('recognises existing alerts: planning the same log again fires and changes nothing', () => {
    const first = plan(two, log('A1 A2 A3 A30 A31'), 20);
    const second = plan(two, log('A1 A2 A3 A30 A31'), 20, after(first));
    expect(first.fired).toHaveLength(2);
    expect([second.fired, second.raised, second.marks]).toEqual([[], [], first.marks]);
  });
});

describe('counts', () => {
  it('count the distinct events in the windows of an alert, including repeats of it', () => {
    expect(summary(plan(two, log('A1 A2 A3 A4'), 20))).toEqual(['2: 4 of 1–4']);
  });

  it('count an event in windows of two alerts once in each', () => {
    expect(summary(plan(two, log('A1 A5 A9 A12'), 6))).toEqual(['5: 3 of 1–9', '12: 3 of 5–12']);
  });

  it('do not depend on when a log is evaluated, even if an event sent again ends windows at two times', () => {
    const any = aggregateRule('value_max', { gte: 1, timespanMs: 1 });
    const again = [
      entryOf({ time: 0, id: 'y', value: 1 }),
      ...[0, 1].map((index) => entryOf({ time: 10 + 2 * index, id: 'x', index, value: 1 })),
    ];
    const whole = plan(any, again, 12);
    expect(summary(whole)).toEqual(['0: 2 of 0–10', '12: 1 of 12–12']);
    expect(summary(plan(any, again, 12, after(whole)))).toEqual(summary(whole));
    expect(summary(plan(any, again, 12, after(plan(any, again.slice(0, 2), 12))))).toEqual(summary(whole));
  });

  it('of an alert include events that an earlier alert has counted too', () => {
    const both = sequenceRule('temporal', [{}, { gte: 2 }], { timespanMs: 12 });
    const done = plan(both, log('A0 B0 B1 B9'), 5);
    expect(done.marks.map(({ count }) => count)).toEqual([3, 3]);
    expect(done.marks.every(({ first, last }) => Number.isFinite(first) && Number.isFinite(last))).toBe(true);
  });

  it('continue from the base when entries are flagged as counted', () => {
    const first = plan(two, log('A1 A2 A3'), 20);
    const marks = first.marks.map((mark) => ({ ...mark, base: mark.count }));
    const flagged = log('A1 A2 A3').map((entry) => ({ ...entry, counted: true }));
    const late = log('A1 A2 A3 A4').slice(3);
    expect(summary(plan(two, [...flagged, ...late], 20, { version: 1, marks }))).toEqual(['2: 4 of 1–4']);
  });

  it('are kept when a late event undoes the window', () => {
    const one = aggregateRule('event_count', { lt: 2, timespanMs: 10 });
    const first = plan(one, log('A5'), 20);
    const second = plan(one, log('A5 A1'), 3, after(first));
    expect(second.marks.find(({ at: end }) => end === 5)).toMatchObject({ count: 1, first: 5, last: 5 });
  });
});

describe('the id of an alert', () => {
  it('differs by rule, group and event, and is valid as a queue id', () => {
    const ids = [alertId('ab', 'c', 'd'), alertId('a', 'bc', 'd'), alertId('a', 'b', 'cd'), alertId('ab', 'c', 'e')];
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^al_[\w-]{22}$/);
    expect(alertId('ab', 'c', 'd')).toBe(ids[0]);
  });
});
