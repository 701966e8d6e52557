/**
 * G2 and G3 on the pipeline and the memory store: any batch size, any order of arrival within the lateness, repeats.
 * 11,000 cases against the array-filter oracle. A failure prints its seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  anyRule,
  arrivalsOf,
  eventsOf,
  measuringRules,
  monotoneRules,
  sequenceCases,
  type Arrivals,
  type EventCase,
  type RuleCase,
} from './guarantees.arbitraries.ts';
import { expectedWindows, type Expected } from './guarantees.oracle.ts';
import { alertsOf, byGroup, expectCounts, expectCovered, groupOf, rulesetOf, within } from './guarantees.support.ts';

type Case = { readonly rule: RuleCase; readonly events: EventCase[]; readonly latenessMs: number; readonly arrivals: Arrivals };

const casesOf = (rules: fc.Arbitrary<RuleCase>, instants: number, size: { min: number; max: number }): fc.Arbitrary<Case> =>
  fc
    .record({ rule: rules, latenessMs: fc.constantFrom(0, 2, 6) })
    .chain(({ rule, latenessMs }) =>
      eventsOf(rule, instants, size).chain((events) =>
        arrivalsOf(events, latenessMs).map((arrivals) => ({ rule, events, latenessMs, arrivals })),
      ),
    );

/** Monotone rules, settled ones and absences are exact; others may have fired for what a late event took back. */
const exact = ({ kind, condition, settle, steps }: RuleCase, events: readonly EventCase[]): boolean =>
  settle ||
  (kind === 'temporal_ordered' && steps.at(-1)!.not) ||
  (steps.length > 0
    ? steps.every((step) => !step.not)
    : (kind === 'single' ||
        kind === 'event_count' ||
        kind === 'value_count' ||
        kind === 'value_max' ||
        (kind === 'value_sum' && events.every(({ v }) => v !== -1))) &&
      Object.keys(condition).every((op) => op === 'gt' || op === 'gte'));

async function hold({ rule, events, latenessMs, arrivals }: Case): Promise<void> {
  const alerts = byGroup(await alertsOf({ ruleset: rulesetOf(rule), latenessMs }, arrivals));
  const last = Math.max(...events.map((event) => event.t));
  const expected: Expected = within(expectedWindows(rule, events), last);
  if (exact(rule, events)) expect([...alerts.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [group, windows] of expected) expectCovered(rule, alerts.get(group) ?? [], windows);
  for (const [group, some] of alerts) expectCovered(rule, some, expected.get(group)?.slice(0, 0) ?? []);
  if (exact(rule, events) && rule.steps.length === 0)
    for (const [group, windows] of expected) expectCounts(rule, alerts.get(group)!, windows, events.length < 100 || latenessMs === 0);
}

const expectGuarantees = (cases: fc.Arbitrary<Case>, numRuns: number): Promise<void> =>
  fc.assert(fc.asyncProperty(cases, hold), { numRuns });

describe('the same alerted pairs, each window near an alert, each event counted once', () => {
  it('counts, distinct values, sums of what is not negative, maxima, single events', () =>
    expectGuarantees(casesOf(monotoneRules, 20, { min: 1, max: 14 }), 4000));
  it('any aggregate with any condition', () => expectGuarantees(casesOf(measuringRules, 16, { min: 1, max: 10 }), 2500));
  it('sequences, with not, times and within, and absences', () => expectGuarantees(casesOf(sequenceCases, 14, { min: 1, max: 8 }), 4500));
  it('long logs, whose old entries leave them', () => expectGuarantees(longCases(), 150));
});

/** Time passes by more than a log keeps, in bursts: entries age, logs are tidied, muted repeats go on for long. */
function longCases(): fc.Arbitrary<Case> {
  return fc
    .record({ rule: monotoneRules, latenessMs: fc.constantFrom(0, 6), burst: fc.constantFrom(20, 400_000) })
    .chain(({ rule, latenessMs, burst }) =>
      eventsOf(rule, 30, { min: 150, max: 320 })
        .map((events) => events.map((event, i) => ({ ...event, user: 'u', t: event.t + Math.floor(i / 80) * burst })))
        .chain((events) => arrivalsOf(events, latenessMs).map((arrivals) => ({ rule, events, latenessMs, arrivals }))),
    );
}

describe('replay', () => {
  it('of a file in order of time gives the same alerts to the last character, whatever the batch', () =>
    fc.assert(
      fc.asyncProperty(
        anyRule.chain((rule) => eventsOf(rule, 40, { min: 1, max: 16 }).map((events) => ({ rule, events }))),
        fc.constantFrom(2, 3, 5, 512),
        async ({ rule, events }, batch) => {
          const ruleset = rulesetOf(rule);
          const order = [...new Map(events.map((event) => [event.t, event])).values()].sort((a, b) => a.t - b.t);
          const one = await alertsOf({ ruleset, latenessMs: 3 }, { order, batch: 1 });
          expect(await alertsOf({ ruleset, latenessMs: 3 }, { order, batch })).toEqual(one);
        },
      ),
      { numRuns: 1500 },
    ));

  it('alerts the same pairs for two orders of arrival and two batch sizes, repeats or not', () =>
    fc.assert(
      fc.asyncProperty(
        fc
          .oneof(
            monotoneRules,
            sequenceCases.filter((rule) => rule.settle || rule.steps.every((step) => !step.not)),
          )
          .chain((rule) =>
            eventsOf(rule, 20, { min: 1, max: 12 }).chain((events) =>
              fc.record({ rule: fc.constant(rule), one: arrivalsOf(events, 6), other: arrivalsOf(events, 6) }),
            ),
          ),
        async ({ rule, one, other }) => {
          fc.pre(!(rule.kind === 'value_sum' && one.order.some(({ v }) => v === -1)));
          const run = { ruleset: rulesetOf(rule), latenessMs: 6 };
          const pairs = async (arrivals: Arrivals) => [...new Set((await alertsOf(run, arrivals)).map(groupOf))].sort();
          expect(await pairs(other)).toEqual(await pairs(one));
        },
      ),
      { numRuns: 1000 },
    ));
});
