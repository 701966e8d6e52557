/**
 * What alerts guarantee, on the pipeline with the memory store: the same pairs alert, each window has an alert near it, and
 * each event counts once. This holds for any batch size, any order of arrival within the lateness, and repeats, also at
 * other times and with other content. 12,000 cases against the array-filter oracle. A failure prints its seed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyRule, eventsOf, measuringRules, monotoneRules, sequenceCases, type RuleCase } from './guarantees.arbitraries.ts';
import { arrivalsOf, inOrderOfTime, repeatsOf, type Arrivals } from './guarantees.arrivals.ts';
import { expectedWindows, wanderers, type Expected } from './guarantees.oracle.ts';
import { alertsOf, byGroup, exact, expectCounts, expectCovered, groupOf, rulesetOf, waits, within } from './guarantees.support.ts';

type Case = { readonly rule: RuleCase; readonly latenessMs: number; readonly arrivals: Arrivals };

const casesOf = (rules: fc.Arbitrary<RuleCase>, instants: number, size: { min: number; max: number }, beyondMs = 0): fc.Arbitrary<Case> =>
  fc.record({ rule: rules, latenessMs: fc.constantFrom(0, 2, 6) }).chain(({ rule, latenessMs }) =>
    fc
      .tuple(eventsOf(rule, instants, size), repeatsOf(rule, 4))
      .chain(([events, repeats]) => arrivalsOf(events, repeats, latenessMs + beyondMs))
      .map((arrivals) => ({ rule, latenessMs, arrivals })),
  );

async function hold({ rule, latenessMs, arrivals }: Case): Promise<void> {
  const { order } = arrivals;
  const alerts = byGroup(await alertsOf({ ruleset: rulesetOf(rule), latenessMs }, arrivals));
  const last = Math.max(...order.map((event) => event.t));
  const expected: Expected = within(expectedWindows(rule, order), last);
  const wandering = wanderers(rule, order);
  if (exact(rule, order)) expect([...alerts.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [group, windows] of expected) expectCovered(rule, alerts.get(group) ?? [], windows, wandering.get(group));
  for (const some of alerts.values()) expectCovered(rule, some, []);
  if (exact(rule, order) && rule.steps.length === 0)
    for (const [group, windows] of expected)
      expectCounts(rule, alerts.get(group)!, windows, {
        exactly: order.length < 100 || latenessMs === 0,
        wandering: wandering.get(group),
      });
}

const expectGuarantees = (cases: fc.Arbitrary<Case>, numRuns: number): Promise<void> =>
  fc.assert(fc.asyncProperty(cases, hold), { numRuns });

describe('the same alerted pairs, each window near an alert, each event counted once', () => {
  it('counts, distinct values, sums without negative values, maxima, single events', () =>
    expectGuarantees(casesOf(monotoneRules, 20, { min: 1, max: 14 }), 4000));
  it('any aggregate with any condition', () => expectGuarantees(casesOf(measuringRules, 16, { min: 1, max: 10 }), 2500));
  it('sequences, with not, times and within, and absences', () => expectGuarantees(casesOf(sequenceCases, 14, { min: 1, max: 8 }), 4500));
  it('events later than the lateness, as far as the logs reach, for rules that further events only help', () =>
    expectGuarantees(
      casesOf(fc.oneof(monotoneRules, sequenceCases), 20, { min: 1, max: 10 }, 60).filter(
        ({ rule, arrivals }) => exact(rule, arrivals.order) && !waits(rule),
      ),
      1000,
    ));
  it('long logs that lose their old entries', () => expectGuarantees(longCases(), 150));
});

/** More time passes than a log keeps, in bursts: entries age, logs are tidied, suppressed repeats continue for long. */
function longCases(): fc.Arbitrary<Case> {
  return fc
    .record({ rule: monotoneRules, latenessMs: fc.constantFrom(0, 6), burst: fc.constantFrom(20, 400_000) })
    .chain(({ rule, latenessMs, burst }) =>
      eventsOf(rule, 30, { min: 150, max: 320 })
        .map((events) => events.map((event, i) => ({ ...event, user: 'u', t: event.t + Math.floor(i / 80) * burst })))
        .chain((events) => repeatsOf(rule, 12).chain((repeats) => arrivalsOf(events, repeats, latenessMs)))
        .map((arrivals) => ({ rule, latenessMs, arrivals })),
    );
}

describe('replay', () => {
  it('of a file in order of time gives the same alerts to the last character, for any batch size', () =>
    fc.assert(
      fc.asyncProperty(
        anyRule.chain((rule) => fc.tuple(fc.constant(rule), eventsOf(rule, 40, { min: 1, max: 16 }), repeatsOf(rule, 6))),
        fc.constantFrom(2, 3, 5, 512),
        async ([rule, events, repeats], batch) => {
          const ruleset = rulesetOf(rule);
          const order = inOrderOfTime(events, repeats);
          const one = await alertsOf({ ruleset, latenessMs: 3 }, { order, batch: 1 });
          expect(await alertsOf({ ruleset, latenessMs: 3 }, { order, batch })).toEqual(one);
        },
      ),
      { numRuns: 1500 },
    ));

  it('alerts on the same pairs for two orders of arrival and two batch sizes, with or without repeats', () =>
    fc.assert(
      fc.asyncProperty(
        fc
          .oneof(
            monotoneRules,
            sequenceCases.filter((rule) => rule.settle || rule.steps.every((step) => !step.not)),
          )
          .chain((rule) =>
            fc
              .tuple(eventsOf(rule, 20, { min: 1, max: 12 }), repeatsOf(rule, 3))
              .chain(([events, repeats]) =>
                fc.record({ rule: fc.constant(rule), one: arrivalsOf(events, repeats, 6), other: arrivalsOf(events, repeats, 6) }),
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
