/** Small rules and logs with many boundaries, ties, shared events and late arrivals. */
import fc from 'fast-check';
import type { Entry } from '../../engine/core/correlate/entry.ts';
import { correlated, type Rule } from '../../engine/core/rule.ts';
import type { Moment } from '../../engine/core/correlate/verdict.ts';
import {
  aggregateRule,
  entryOf,
  sequenceRule,
  type AggregateName,
  type SequenceName,
  type StepSpec,
} from '../core/correlate/evaluate.support.ts';
import { firstArrivals } from './evaluate.oracle.ts';

const instants = fc.integer({ min: 0, max: 12 });
const delay = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 0, max: 15 }) });
const number = fc.oneof(fc.integer({ min: -2, max: 5 }), fc.constantFrom(0.1, 0.2, 0.3, 0.7, -0.1, 1e9, -1e9, 2 ** 53, 1e-9));
const bound = fc.oneof(fc.integer({ min: -1, max: 6 }), fc.constantFrom(0.6, 0.30000000000000004, 2.5));

const condition = fc.oneof(
  fc.record({ gte: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ gt: bound }),
  fc.record({ gte: bound, lte: bound }),
  fc.record({ lt: bound }),
  fc.record({ lte: bound }),
  fc.record({ eq: bound }),
  fc.record({ neq: bound }),
);

export const aggregateRules = (kind: AggregateName, settle: boolean): fc.Arbitrary<Rule> =>
  fc
    .tuple(condition, fc.integer({ min: 1, max: 13 }))
    .map(([comparisons, timespanMs]) => aggregateRule(kind, { ...comparisons, timespanMs, settle }));

/**
 * The journal, followed by some of its entries again, from events that are sent again: perhaps at another time, and perhaps
 * with other content (`steps`, `values`: how many there are of each), which makes them other observations.
 */
const sentAgain =
  (steps: number, values: number) =>
  (journal: readonly Entry[]): fc.Arbitrary<readonly Entry[]> => {
    const again = fc.record({
      of: fc.nat(),
      shift: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: -15, max: 15 }) }),
      behind: fc.integer({ min: 1, max: 8 }),
      step: fc.option(fc.integer({ min: 0, max: steps - 1 }), { nil: undefined }),
      index: fc.option(fc.integer({ min: 0, max: values - 1 }), { nil: undefined }),
      value: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    });
    return fc.array(again, { maxLength: journal.length === 0 ? 0 : 3 }).map((repeats) => {
      const copies = repeats.map(({ of, shift, behind, step, index, value }): Entry => {
        const entry = journal[of % journal.length]!;
        const ref = { ...entry.ref, ms: entry.ref.ms + behind };
        const time = Math.max(0, entry.time + shift);
        return { ...entry, time, ref, step: step ?? entry.step, index: index ?? entry.index, value: value ?? entry.value };
      });
      return [...journal, ...copies];
    });
  };

/** Events with up to three values each; now and then all values are the same text or number. */
export const aggregateJournals: fc.Arbitrary<readonly Entry[]> = fc
  .array(fc.tuple(instants, delay, fc.array(fc.oneof(number, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 3 })), {
    maxLength: 8,
    size: 'max',
  })
  .map((events) =>
    events.flatMap(([when, late, values], nth) =>
      values.map((value, index) => entryOf({ time: when, id: idOf(nth), index, value, arrival: when + late })),
    ),
  )
  .chain(sentAgain(1, 4));

const positives: fc.Arbitrary<StepSpec> = fc.record(
  { gte: fc.constantFrom(1, 1, 1, 2, 3), inMs: fc.integer({ min: 1, max: 6 }), withinMs: fc.integer({ min: 0, max: 6 }) },
  { requiredKeys: [] },
);
const negatives: fc.Arbitrary<StepSpec> = fc.record(
  { not: fc.constant(true), withinMs: fc.integer({ min: 0, max: 6 }) },
  { requiredKeys: ['not'] },
);

export type Ending = 'positive' | 'not';

/** Up to three positive steps with `not` anywhere. The caller decides how it ends, because a `not` at the end makes another kind of rule. */
export const sequenceRules = (kind: SequenceName, ending: Ending, settle: boolean): fc.Arbitrary<Rule> =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.array(negatives, { maxLength: 1 }), positives), { minLength: 1, maxLength: 3 }),
      fc.array(negatives, { minLength: ending === 'not' ? 1 : 0, maxLength: ending === 'not' ? 2 : 0 }),
      fc.integer({ min: 1, max: 14 }),
    )
    .map(([parts, last, timespanMs]) =>
      sequenceRule(kind, [...parts.flatMap(([nots, step]) => [...nots, step]), ...last], { timespanMs, settle }),
    );

/** Two steps and nothing after them until the timespan is over: many beginnings for one end, and events that break the last of their watches. */
export const openAbsences: fc.Arbitrary<Rule> = fc
  .tuple(
    fc.constantFrom<StepSpec[]>([], [{ not: true, withinMs: 1 }]),
    fc.constantFrom<StepSpec[]>([{}], [{ gte: 2 }]),
    fc.constantFrom<StepSpec[]>([], [{ not: true }]),
    fc.constantFrom<StepSpec[]>([], [{ not: true, withinMs: 2 }]),
    fc.integer({ min: 4, max: 14 }),
  )
  .map(([leading, first, between, timed, timespanMs]) =>
    sequenceRule('temporal_ordered', [...leading, ...first, ...between, {}, { not: true }, ...timed], { timespanMs, settle: false }),
  );

/** Events that match any of the rule's steps, also several at once; at most nine entries, some of them repeated. */
export const journalsFor = (rule: Rule): fc.Arbitrary<readonly Entry[]> =>
  fc
    .array(fc.tuple(instants, delay, fc.uniqueArray(fc.integer({ min: 0, max: rule.steps.length - 1 }), { minLength: 1, maxLength: 3 })), {
      maxLength: 8,
      size: 'max',
    })
    .map((events) => {
      const entries = events.flatMap(([when, late, steps], nth) =>
        steps.map((step) => entryOf({ time: when, id: idOf(nth), step, arrival: when + late })),
      );
      return entries.slice(0, 9);
    })
    .chain(sentAgain(rule.steps.length, 1));

/** Longer logs, for rules whose steps need one event each, so that all assignments can still be tried. */
export const longLogs: fc.Arbitrary<readonly Entry[]> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 60 }), delay, fc.integer({ min: 0, max: 3 })), { minLength: 12, maxLength: 40, size: 'max' })
  .map((events) =>
    events.map(([when, late, step], nth) => entryOf({ time: when, id: `e${(nth * 7) % 41}`, step, value: step, arrival: when + late })),
  )
  .chain(sentAgain(4, 1))
  .map(firstArrivals);

export const plainSequences = (kind: SequenceName): fc.Arbitrary<Rule> =>
  fc
    .tuple(
      fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), { minLength: 3, maxLength: 3 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 5, max: 50 }),
    )
    .map(([withins, notAt, timespanMs]) => {
      const steps: StepSpec[] = withins.map((withinMs) => (withinMs === undefined ? {} : { withinMs }));
      steps.splice(notAt, 0, { not: true });
      return sequenceRule(kind, steps, { timespanMs });
    });

/** Ids whose order is unrelated to that of the events. */
const idOf = (nth: number): string => `e${(nth * 7) % 11}`;

export const moments: fc.Arbitrary<Moment> = fc.record({
  clock: fc.record({ ms: fc.integer({ min: 0, max: 60 }), seq: fc.constantFrom(0, 1) }),
  latenessMs: fc.constantFrom(0, 2, 5),
  closing: fc.constantFrom(undefined, undefined, 3, 8, 14, Infinity),
});

export type Case = { readonly rule: Rule; readonly entries: readonly Entry[] };

/** A rule with its own log. A counterexample prints only the relevant parts. */
export const both = (rules: fc.Arbitrary<Rule>, logs: (rule: Rule) => fc.Arbitrary<readonly Entry[]>): fc.Arbitrary<Case> =>
  rules.chain((rule) => logs(rule).map((entries) => ({ rule, entries, [fc.toStringMethod]: () => shown({ rule, entries }) })));

function shown({ rule, entries }: Case): string {
  const steps = rule.steps.map(({ name, negative, times, withinMs }) => ({ name, negative, ...times, withinMs }));
  const log = entries.map(
    ({ time, id, step, index, value, ref }) => `${time} ${id} step ${step} index ${index} value ${value} arrived ${ref.ms}`,
  );
  const { correlation } = correlated(rule);
  return JSON.stringify({ steps, correlation: { ...correlation, kind: correlation.kind.name }, log }, undefined, 1);
}
