/**
 * What must hold beside others and at bounds: a log over its cap loses first what no verdict can depend on, also with
 * late events, and says when it had to lose more; rules of one set do not know of each other. A failure prints its seed.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../../engine/compile/index.ts';
import { limits } from '../../engine/core/limits.ts';
import { silent, type Meter } from '../../engine/runtime/meter.ts';
import { anyRule, arrivalsOf, documentOf, eventsOf, monotoneRules, repeatsOf } from './guarantees.arbitraries.ts';
import { expectedWindows } from './guarantees.oracle.ts';
import { alertsOf, byGroup, expectCovered, rulesetOf, waits } from './guarantees.support.ts';

describe('a log over its cap', () => {
  const bound = limits as { stepEntriesMax: number };
  const { stepEntriesMax } = bound;
  beforeAll(() => void (bound.stepEntriesMax = 48));
  afterAll(() => void (bound.stepEntriesMax = stepEntriesMax));

  /** Nothing is sent again: of what a log has let go at its cap it does not know that it was there. */
  const cases = fc
    .record({
      rule: monotoneRules.filter((rule) => ['event_count', 'value_count'].includes(rule.kind) && !waits(rule)),
      latenessMs: fc.constantFrom(0, 6),
    })
    .map(({ rule, latenessMs }) => ({
      rule: { ...rule, timespanMs: Math.min(rule.timespanMs, 5), suppressMs: Math.min(rule.suppressMs, 2) },
      latenessMs,
    }))
    .chain(({ rule, latenessMs }) =>
      eventsOf(rule, 40, { min: 90, max: 140 })
        .chain((events) =>
          arrivalsOf(
            events.map((event) => ({ ...event, user: 'u', owner: 'u' })),
            [],
            latenessMs,
          ),
        )
        .map(({ order, batch }) => ({ rule, latenessMs, arrivals: { order: [...new Set(order)], batch } })),
    );

  it('alerts as if it had none, or tells what it has cut', async () => {
    const told = { whole: 0, cut: 0 };
    await fc.assert(
      fc.asyncProperty(cases, async ({ rule, latenessMs, arrivals }) => {
        let cut = 0;
        const meter: Meter = { ...silent, addTo: (name, _, n = 1) => void (cut += name === 'evicted' ? n : 0) };
        const alerts = byGroup(await alertsOf({ ruleset: rulesetOf(rule), latenessMs, meter }, arrivals));
        const expected = expectedWindows(rule, arrivals.order);
        told[cut > 0 ? 'cut' : 'whole']++;
        if (cut > 0) return;
        for (const some of alerts.values()) expectCovered(rule, some, []);
        for (const [group, windows] of expected) expectCovered(rule, alerts.get(group) ?? [], windows);
      }),
      { numRuns: 300, endOnFailure: true },
    );
    expect(Math.min(told.whole, told.cut)).toBeGreaterThan(5);
  });
});

it('a rule alerts beside others as it does alone', () =>
  fc.assert(
    fc.asyncProperty(
      fc
        .array(anyRule, { minLength: 2, maxLength: 3 })
        .chain((rules) => fc.tuple(fc.constant(rules), eventsOf(rules.at(-1)!, 16, { min: 1, max: 12 }), repeatsOf(rules.at(-1)!, 3)))
        .chain(([rules, events, repeats]) => fc.tuple(fc.constant(rules), arrivalsOf(events, repeats, 6))),
      async ([rules, arrivals]) => {
        const documents = rules.map((rule, i) => documentOf(rule, `rule-${i}`));
        const { ruleset } = compile([{ path: 'rules/rules.json', text: JSON.stringify(documents) }]);
        const together = await alertsOf({ ruleset, latenessMs: 6 }, arrivals);
        for (const [i, rule] of rules.entries()) {
          const alone = await alertsOf({ ruleset: rulesetOf(rule, `rule-${i}`), latenessMs: 6 }, arrivals);
          expect(together.filter((alert) => alert.rule.id === `rule-${i}`)).toEqual(alone);
        }
      },
    ),
    { numRuns: 500 },
  ));
