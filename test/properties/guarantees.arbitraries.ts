/**
 * Rules and events for the guarantees. There are so few groups, values and instants that boundaries, ties, repeats and
 * events that match several steps are common.
 */
import fc from 'fast-check';
import type { KindName } from '../../engine/core/correlate/kinds.ts';
import type { AggregateName, SequenceName } from '../core/correlate/evaluate.support.ts';

/** A rule document as an analyst would write it, and the numbers that the oracle needs from it. */
export type RuleCase = {
  readonly kind: KindName | 'single';
  /** Fields that name the group; none: all events are in one group. */
  readonly by: readonly ('user' | 'owner')[];
  readonly timespanMs: number;
  readonly suppressMs: number;
  readonly settle: boolean;
  readonly condition: Readonly<Record<string, number>>;
  readonly steps: readonly StepCase[];
  /** For single events: true if alerts suppress others of the same user. */
  readonly muted: boolean;
};

export type StepCase = {
  readonly letter: string;
  readonly not: boolean;
  readonly times: number;
  readonly inMs: number | undefined;
  readonly withinMs: number | undefined;
  /** Swaps the fields that name the group: owner where the rule says user, and the other way round. */
  readonly swapped: boolean;
};

/** One event; `t` is ms after the beginning. Equal `n` means the same event. */
export type EventCase = {
  readonly n: number;
  readonly t: number;
  readonly user: unknown;
  readonly owner: unknown;
  /** Letters of the steps that it matches. */
  readonly letters: string;
  readonly v: unknown;
};

/** The fields that name the group in a step. */
export const groupBy = ({ by }: RuleCase, { swapped }: StepCase): readonly ('user' | 'owner')[] =>
  swapped ? by.map((field) => (field === 'user' ? 'owner' : 'user')) : by;

export const beginning = Date.UTC(2026, 0, 1);

const ms = (value: number): string => `${value}ms`;

/** @param id the rule's id */
export function documentOf(rule: RuleCase, id: string): object {
  const conditions = (letter: string) => ({ all: [{ fact: 'letters', operator: 'contains', value: letter }] });
  const head = { id, title: id, entities: ['user'] };
  if (rule.kind === 'single') {
    return { ...head, conditions: conditions('a'), ...(rule.muted ? { suppress: { for: ms(rule.suppressMs), by: rule.by } } : {}) };
  }
  const common = { type: rule.kind, 'group-by': rule.by, timespan: ms(rule.timespanMs), ...(rule.settle ? { settle: true } : {}) };
  if (rule.steps.length === 0) {
    const field = rule.kind === 'event_count' ? {} : { field: 'v' };
    return {
      ...head,
      conditions: conditions('a'),
      correlation: { ...common, condition: { ...field, ...rule.condition } },
      suppress: ms(rule.suppressMs),
    };
  }
  const steps = rule.steps.map((step, i) => ({
    name: `s${i}`,
    conditions: conditions(step.letter),
    ...(step.not ? { not: true } : {}),
    ...(step.times > 1 ? { times: { gte: step.times, ...(step.inMs === undefined ? {} : { in: ms(step.inMs) }) } } : {}),
    ...(step.withinMs === undefined ? {} : { within: ms(step.withinMs) }),
    ...(step.swapped ? { 'group-by': groupBy(rule, step) } : {}),
  }));
  return { ...head, steps, correlation: common, suppress: ms(rule.suppressMs) };
}

export const rawOf = (event: EventCase): { readonly [key: string]: unknown } => ({
  // The same id in two datasets means two events.
  id: `n${Math.floor(event.n / 14)}`,
  'event.dataset': `feed-${event.n % 14}`,
  '@timestamp': new Date(beginning + event.t).toISOString(),
  user: event.user,
  owner: event.owner,
  letters: event.letters,
  v: event.v,
});

const span = fc.integer({ min: 1, max: 12 });
/** 0: each window is a separate alert. */
const suppress = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 15 }) },
  { weight: 5, arbitrary: fc.constantFrom(1, 2, 100) },
  { weight: 1, arbitrary: fc.constant(0) },
);
const settle = fc.boolean();

const upward = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((gte) => ({ gte })),
  fc.integer({ min: 1, max: 3 }).map((gt) => ({ gt })),
);
const anyway = fc.oneof(
  fc.integer({ min: 2, max: 4 }).map((lt) => ({ lt })),
  fc.integer({ min: 1, max: 3 }).map((lte) => ({ lte })),
  fc.integer({ min: 1, max: 3 }).map((eq) => ({ eq })),
  fc.constant({ gte: 2, lte: 3 }),
);

const by = fc.constantFrom<readonly ('user' | 'owner')[]>(['user'], ['user'], ['user'], ['user', 'owner'], []);

const base = { steps: [], muted: false } as const;
const aggregate = (kind: AggregateName, conditions: fc.Arbitrary<Record<string, number>>): fc.Arbitrary<RuleCase> =>
  fc
    .record({ by, timespanMs: span, suppressMs: suppress, settle, condition: conditions })
    .map((one): RuleCase => ({ ...base, kind, ...one }));

type RuleCases = {
  readonly any: fc.Arbitrary<RuleCase>;
  /** Those to which further events can only help, where the kind has some. */
  readonly growing?: fc.Arbitrary<RuleCase>;
};

const lowerBounds = upward as fc.Arbitrary<Record<string, number>>;
const anyBounds = fc.oneof(upward, anyway) as fc.Arbitrary<Record<string, number>>;
const anyOf = (kind: AggregateName): RuleCases => ({ any: aggregate(kind, anyBounds) });
const growingOf = (kind: AggregateName): RuleCases => ({ ...anyOf(kind), growing: aggregate(kind, lowerBounds) });

const aggregates: Readonly<Record<AggregateName, RuleCases>> = {
  event_count: growingOf('event_count'),
  value_count: growingOf('value_count'),
  value_sum: growingOf('value_sum'),
  value_avg: anyOf('value_avg'),
  value_min: anyOf('value_min'),
  value_max: growingOf('value_max'),
};

export const singles: fc.Arbitrary<RuleCase> = fc
  .record({ by: by.filter(({ length }) => length > 0), suppressMs: suppress.map((one) => Math.max(1, one)), muted: fc.boolean() })
  .map((one): RuleCase => ({ kind: 'single', timespanMs: 1, settle: false, condition: { gte: 1 }, steps: [], ...one }));

const letters = 'abcd';

function sequence(kind: SequenceName): fc.Arbitrary<RuleCase> {
  const ordered = kind === 'temporal_ordered';
  const step = fc.record({
    not: fc.boolean(),
    times: fc.constantFrom(1, 1, 1, 2),
    inMs: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    withinMs: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    swapped: fc.constantFrom(false, false, true),
  });
  return fc
    .record({ by, timespanMs: span, suppressMs: suppress, settle, steps: fc.array(step, { minLength: 2, maxLength: 3 }) })
    .map(({ steps, ...rest }): RuleCase => {
      const positive = steps.every((one) => one.not) ? 0 : -1;
      const placed = steps.map((one, i): StepCase => {
        const not = one.not && i !== positive;
        const first = steps.findIndex((other, j) => !other.not || j === positive);
        const last = steps.findLastIndex((other, j) => !other.not || j === positive);
        const within = !ordered
          ? undefined
          : not
            ? i < first
              ? (one.withinMs ?? 3)
              : i > last
                ? one.withinMs
                : undefined
            : i === first
              ? undefined
              : one.withinMs;
        return { ...one, letter: letters[i]!, not, times: not ? 1 : one.times, inMs: not ? undefined : one.inMs, withinMs: within };
      });
      return { kind, condition: {}, muted: false, ...rest, steps: placed };
    });
}

/** The same key in other spellings, several keys at once, and values that are no key: missing, null, empty, an object. */
export const users = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<unknown>('u', 'u', 'u', '42', 42, ['u', 42], null, '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(' ', 'u ', true, 'true', '\u00e9', 'e\u0301', ['u', 'u', ''], [], [null], {}, undefined),
  },
);

export function lettersOf(rule: RuleCase): fc.Arbitrary<string> {
  const used = letters.slice(0, Math.max(1, rule.steps.length));
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...used) },
    { weight: 1, arbitrary: fc.constant(used) },
    { weight: 1, arbitrary: fc.constant('') },
  );
}

export function valuesOf({ kind }: RuleCase): fc.Arbitrary<unknown> {
  const negative = kind === 'value_sum' || kind === 'value_avg' ? [-1] : [];
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom<unknown>(1, 1, 2, '2', 3, 'x', [1, 2], ...negative) },
    { weight: 1, arbitrary: fc.constantFrom<unknown>([1, 1, '1'], ['x', 2], [], '', ' ', ' 1 ', '1e0', 0, true, null, {}, undefined) },
  );
}

export const eventsOf = (rule: RuleCase, instants: number, events: { min: number; max: number }): fc.Arbitrary<EventCase[]> => {
  return fc
    .array(
      fc.record({
        t: fc.integer({ min: 0, max: instants }),
        user: users,
        owner: users,
        letters: lettersOf(rule),
        v: valuesOf(rule),
      }),
      { minLength: events.min, maxLength: events.max, size: 'max' },
    )
    .map((list) => list.map((one, n) => ({ ...one, n: (n * 7) % 1009 })));
};

const sequences: Readonly<Record<SequenceName, RuleCases>> = {
  temporal: { any: sequence('temporal') },
  temporal_ordered: { any: sequence('temporal_ordered') },
};

/** Rules of each kind. A kind that is registered and missing here does not compile. */
export const ruleCases: Readonly<Record<KindName, RuleCases>> = { ...aggregates, ...sequences };

const anyOfEach = (cases: Readonly<Record<string, RuleCases>>): fc.Arbitrary<RuleCase>[] => Object.values(cases).map(({ any }) => any);

const growing = fc.oneof(...Object.values(ruleCases).flatMap((each) => each.growing ?? []));
export const monotoneRules: fc.Arbitrary<RuleCase> = fc.oneof(growing, singles);
export const measuringRules: fc.Arbitrary<RuleCase> = fc.oneof(...anyOfEach(aggregates));
export const sequenceCases: fc.Arbitrary<RuleCase> = fc.oneof(...anyOfEach(sequences));
export const anyRule: fc.Arbitrary<RuleCase> = fc.oneof(growing, measuringRules, singles, ...anyOfEach(sequences));
