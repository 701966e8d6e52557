/** The rules of a set are independent: each fires the same alerts as it does alone. A failure prints its seed. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compile } from '../../engine/compile/index.ts';
import { anyRule, documentOf, eventsOf } from './guarantees.arbitraries.ts';
import { arrivalsOf, repeatsOf } from './guarantees.arrivals.ts';
import { alertsOf, rulesetOf } from './guarantees.support.ts';

it('a rule fires the same alerts with other rules as alone', () =>
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
