/**
 * What must hold at bounds: a log over its cap first loses entries on which no verdict can depend, even with late events,
 * and says when it had to lose more. Two alerts of a group are still a suppression time apart. A failure prints its seed.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../engine/core/limits.ts';
import { silent, type Meter } from '../../engine/runtime/metering/meter.ts';
import { eventsOf, monotoneRules } from './guarantees.arbitraries.ts';
import { arrivalsOf } from './guarantees.arrivals.ts';
import { expectedWindows } from './guarantees.oracle.ts';
import { alertsOf, byGroup, endOf, expectCovered, rulesetOf, waits } from './guarantees.support.ts';
import { cases } from './kinds.cases.ts';

describe('a log over its cap', () => {
  const bound = limits as { stepEntriesMax: number };
  const { stepEntriesMax } = bound;
  beforeAll(() => void (bound.stepEntriesMax = 48));
  afterAll(() => void (bound.stepEntriesMax = stepEntriesMax));

  /** Nothing is sent again: a log does not recognise a repeat of an entry that it lost at its cap. */
  const fullLogs = fc
    .record({
      rule: monotoneRules.filter((rule) => rule.kind !== 'single' && cases[rule.kind].thins && !waits(rule)),
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

  it('fires the same alerts as without a cap, or reports what it has cut', async () => {
    const told = { whole: 0, cut: 0 };
    await fc.assert(
      fc.asyncProperty(fullLogs, async ({ rule, latenessMs, arrivals }) => {
        let cut = 0;
        const meter: Meter = { ...silent, addTo: (name, _, n = 1) => void (cut += name === 'evicted' ? n : 0) };
        const alerts = byGroup(await alertsOf({ ruleset: rulesetOf(rule), latenessMs, meter }, arrivals));
        const expected = expectedWindows(rule, arrivals.order);
        told[cut > 0 ? 'cut' : 'whole']++;
        for (const some of alerts.values()) expectCovered(rule, some, []);
        if (cut > 0) return;
        // For distinct values, the window that is evaluated may end up to one timespan earlier (tidy.ts).
        const reach = Math.max(1, rule.suppressMs) + (rule.kind === 'value_count' ? rule.timespanMs : 0);
        for (const [group, windows] of expected) {
          const ends = (alerts.get(group) ?? []).map(endOf);
          for (const { at } of windows)
            expect(
              ends.some((end) => Math.abs(end - at) < reach),
              `no alert near ${at}, only at ${ends.join()}`,
            ).toBe(true);
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300), endOnFailure: true },
    );
    expect(Math.min(told.whole, told.cut)).toBeGreaterThan(5);
  });
});
