/**
 * What the specification says about a complete set of events: array filters for windows, all assignments for sequences. It
 * has no clock, no order of arrival, no log and no suppression, and uses no code of the engine.
 */
import type { KindName } from '../../engine/core/correlate/kinds.ts';
import { groupBy, type EventCase, type RuleCase, type StepCase } from './guarantees.arbitraries.ts';

/** A window that fulfils the rule: its end, the events that may end it, and its events (not given for sequences). */
export type Window = { readonly at: number; readonly by: ReadonlySet<number>; readonly members: ReadonlySet<number> };

/** Fulfilled windows by group. */
export type Expected = ReadonlyMap<string, readonly Window[]>;

/** An observation of an event in a step of a group, with a value: one for each place of a value, whatever is sent again. */
type Seen = { readonly n: number; readonly t: number; readonly value: string | number };

/** @param arrived in order of arrival: of an event that is sent again, the first one counts, in each group, step and place of a value */
export function expectedWindows(rule: RuleCase, arrived: readonly EventCase[]): Expected {
  const found = groupsOf(rule, arrived).map((group) => [group, windowsOf(rule, arrived, group)] as const);
  return new Map(found.filter(([, windows]) => windows.length > 0));
}

/** For each group, the events that are in its log at several times, because they were sent again with other content. */
export function wanderers(rule: RuleCase, arrived: readonly EventCase[]): ReadonlyMap<string, ReadonlySet<number>> {
  return new Map(
    groupsOf(rule, arrived).map((group) => {
      const seen = stepsOf(rule).flatMap((step) => seenIn(rule, arrived, step, group));
      return [group, new Set(seen.filter(({ n, t }) => seen.some((other) => other.n === n && other.t !== t)).map(({ n }) => n))] as const;
    }),
  );
}

const groupsOf = (rule: RuleCase, events: readonly EventCase[]): string[] => [
  ...(isUnmuted(rule, '') ? [''] : []),
  ...(rule.kind === 'single' && !rule.muted
    ? []
    : new Set(stepsOf(rule).flatMap((step) => events.flatMap((event) => tuplesOf(rule, step, event))))),
];

/** The groups of an event: every combination of one member of each field that names the group. */
const tuplesOf = (rule: RuleCase, step: StepCase, event: EventCase): string[] =>
  groupBy(rule, step)
    .map((field) => texts(event[field]))
    .reduce<string[][]>((tuples, members) => tuples.flatMap((tuple) => members.map((member) => [...tuple, member])), [[]])
    .map((tuple) => tuple.join('|'));

/** Rules for which each event is an alert: rules of single events that suppress nothing, or by a field that the events lack. */
export const isUnmuted = ({ kind, muted, by }: RuleCase, group: string): boolean =>
  kind === 'single' && (!muted || (group === '' && by.length > 0));

const onlyStep: StepCase = { letter: 'a', not: false, times: 1, inMs: undefined, withinMs: undefined, swapped: false };

const stepsOf = (rule: RuleCase): readonly StepCase[] => (rule.steps.length === 0 ? [onlyStep] : rule.steps);

/** The normalised members of a group value. */
function texts(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(texts))];
  return value === null || value === '' || value === undefined || typeof value === 'object' ? [] : [String(value).normalize('NFC')];
}

function windowsOf(rule: RuleCase, events: readonly EventCase[], group: string): Window[] {
  const lists = stepsOf(rule).map((step) => seenIn(rule, events, step, group));
  if (isUnmuted(rule, group)) return lists[0]!.map(({ n, t }) => ({ at: t, by: new Set([n]), members: new Set([n]) }));
  return oracleOf(rule).windows(rule, lists);
}

function seenIn(rule: RuleCase, events: readonly EventCase[], step: StepCase, group: string): Seen[] {
  const isOf = (tuples: readonly string[]): boolean =>
    isUnmuted(rule, group) ? !rule.muted || tuples.length === 0 : tuples.includes(group);
  const matching = events.filter((event) => event.letters.includes(step.letter) && isOf(tuplesOf(rule, step, event)));
  const seen = new Map<string, Seen>();
  for (const { n, t, v } of matching) {
    oracleOf(rule)
      .values(v)
      .forEach((value, place) => {
        if (!seen.has(`${n} ${place}`)) seen.set(`${n} ${place}`, { n, t, value });
      });
  }
  return [...seen.values()];
}

/** What the specification says about one kind. */
export type DocumentOracle = {
  /** What an event adds to a window; the event itself if nothing is counted or summed. */
  values(v: unknown): readonly (string | number)[];
  windows(rule: RuleCase, lists: readonly (readonly Seen[])[]): Window[];
  /** True when further events like these can only help. */
  grows(rule: RuleCase, events: readonly EventCase[]): boolean;
  /** True when the rule waits for an event that must not come. */
  waits(rule: RuleCase): boolean;
};

export const oracleOf = ({ kind }: RuleCase): DocumentOracle => (kind === 'single' ? oracles.event_count : oracles[kind]);

// Aggregates

const aggregateOracle = (
  values: DocumentOracle['values'],
  measure: (window: readonly Seen[]) => number,
  larger: (events: readonly EventCase[]) => boolean,
): DocumentOracle => ({
  values,
  windows: (rule, [seen]) =>
    [...new Set(seen!.map(({ t }) => t))].flatMap((at) => {
      const window = seen!.filter(({ t }) => t > at - rule.timespanMs && t <= at);
      if (!fulfils(measure(window), rule.condition)) return [];
      return [{ at, by: new Set(window.filter(({ t }) => t === at).map(({ n }) => n)), members: new Set(window.map(({ n }) => n)) }];
    }),
  grows: ({ condition }, events) => larger(events) && Object.keys(condition).every((op) => op === 'gt' || op === 'gte'),
  waits: () => false,
});

const itself = (): readonly number[] => [0];
const numeric = (v: unknown): readonly number[] => [v].flat().filter(isNumeric).map(Number);

/** Numbers and numeric text. */
const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)));

const numbersOf = (window: readonly Seen[]): number[] => window.map(({ value }) => Number(value));
const total = (window: readonly Seen[]): number => numbersOf(window).reduce((sum, number) => sum + number, 0);
const always = (): boolean => true;
const never = (): boolean => false;

const fulfils = (value: number, condition: Readonly<Record<string, number>>): boolean =>
  Object.entries(condition).every(([op, bound]) => {
    if (op === 'gt') return value > bound;
    if (op === 'gte') return value >= bound;
    if (op === 'lt') return value < bound;
    return op === 'lte' ? value <= bound : value === bound;
  });

// Sequences

type Choice = readonly Seen[];

/** The end of a window, and the events that can end it. */
type End = { readonly at: number; readonly by: readonly number[] };

/** All ways to take the step's number of events, close enough together. */
function choices({ times, inMs }: StepCase, events: readonly Seen[]): Choice[] {
  let found: Choice[] = [[]];
  for (let i = 0; i < times; i++) {
    found = found.flatMap((some) => {
      const after = some.length === 0 ? 0 : events.indexOf(some.at(-1)!) + 1;
      return events.slice(after).map((event) => [...some, event]);
    });
  }
  return times === 1 || inMs === undefined ? found : found.filter((some) => latest(some) - earliest(some) < inMs);
}

const earliest = (some: Choice): number => Math.min(...some.map((event) => event.t));
const latest = (some: Choice): number => Math.max(...some.map((event) => event.t));
const apart = (some: Choice, others: Choice): boolean => some.every(({ n }) => !others.some((other) => other.n === n));

function temporal(rule: RuleCase, lists: readonly (readonly Seen[])[]): End[] {
  const ends = new Set(rule.steps.flatMap((step, i) => (step.not ? [] : lists[i]!.map((event) => event.t))));
  return [...ends].flatMap((at) => {
    const within = lists.map((list) => list.filter((event) => event.t > at - rule.timespanMs && event.t <= at));
    if (rule.steps.some((step, i) => step.not && within[i]!.length > 0)) return [];
    let assigned: Choice[] = [[]];
    rule.steps.forEach((step, i) => {
      if (step.not) return;
      assigned = assigned.flatMap((before) =>
        choices(step, within[i]!)
          .filter((some) => apart(some, before))
          .map((some) => [...before, ...some]),
      );
    });
    const ending = within.flatMap((list, i) => (rule.steps[i]!.not ? [] : list.filter(({ t }) => t === at).map(({ n }) => n)));
    return assigned.length > 0 ? [{ at, by: ending }] : [];
  });
}

type Way = { readonly used: Choice; readonly start: number; readonly complete: number };

function ordered({ steps, timespanMs }: RuleCase, lists: readonly (readonly Seen[])[]): End[] {
  const last = steps.findLastIndex((step) => !step.not);
  let ways: Way[] | undefined;
  let nots: number[] = [];
  for (let i = 0; i <= last; i++) {
    const step = steps[i]!;
    if (step.not) {
      nots.push(i);
      continue;
    }
    const between = nots;
    nots = [];
    const some = choices(step, lists[i]!);
    if (ways === undefined) {
      ways = some
        .filter((own) =>
          between.every(
            (not) => !lists[not]!.some(({ t }) => t < earliest(own) && t >= earliest(own) - (steps[not]!.withinMs ?? timespanMs)),
          ),
        )
        .map((own) => ({ used: own, start: earliest(own), complete: latest(own) }));
      continue;
    }
    ways = ways.flatMap(({ used, start, complete }) =>
      some
        .filter((own) => apart(own, used) && earliest(own) >= complete && latest(own) <= complete + (step.withinMs ?? Infinity))
        .filter((own) => !between.some((not) => lists[not]!.some(({ t }) => t > complete && t < earliest(own))))
        .map((own) => ({ used: [...used, ...own], start, complete: latest(own) })),
    );
  }
  const whole = ways!.filter(({ start, complete }) => complete - start < timespanMs);
  if (last === steps.length - 1) return whole.map((way) => ({ at: way.complete, by: [lastOf(way).n] }));
  return absences(steps, timespanMs, lists, last, whole);
}

/** The ends of the unbroken watches. Of the ways to complete at one event, the one that began first counts. */
function absences(
  steps: readonly StepCase[],
  timespanMs: number,
  lists: readonly (readonly Seen[])[],
  last: number,
  ways: readonly Way[],
): End[] {
  const trailing = steps.flatMap((step, i) => (i > last ? [{ step, list: lists[i]! }] : []));
  const until = ({ start, complete }: Way, step: StepCase): number =>
    step.withinMs === undefined ? start + timespanMs : complete + step.withinMs;
  const calm = new Map<Seen, Way>();
  for (const way of ways) {
    if (trailing.some(({ step, list }) => list.some(({ t }) => t > way.complete && t <= until(way, step)))) continue;
    const by = lastOf(way);
    if (way.start < (calm.get(by)?.start ?? Infinity)) calm.set(by, way);
  }
  return [...calm].map(([{ n }, way]) => ({ at: Math.max(...trailing.map(({ step }) => until(way, step))), by: [n] }));
}

/** The event that completed it. Of several at one instant any will do, because they end at the same time. */
const lastOf = ({ used, complete }: Way): Seen => used.findLast(({ t }) => t === complete)!;

const sequenceOracle = (
  ends: (rule: RuleCase, lists: readonly (readonly Seen[])[]) => End[],
  waits: DocumentOracle['waits'],
): DocumentOracle => ({
  values: itself,
  windows(rule, lists) {
    const found = ends(rule, lists);
    return [...new Set(found.map(({ at }) => at))].map((at) => ({
      at,
      by: new Set(found.filter((end) => end.at === at).flatMap(({ by }) => by)),
      members: new Set(),
    }));
  },
  grows: ({ steps }) => steps.every((step) => !step.not),
  waits,
});

// Kinds

/** A kind that is registered and missing here does not compile. */
const oracles: Readonly<Record<KindName, DocumentOracle>> = {
  event_count: aggregateOracle(itself, (window) => window.length, always),
  value_count: aggregateOracle(texts, (window) => new Set(window.map(({ value }) => value)).size, always),
  value_sum: aggregateOracle(numeric, total, (events) => events.every(({ v }) => v !== -1)),
  value_avg: aggregateOracle(numeric, (window) => total(window) / window.length, never),
  value_min: aggregateOracle(numeric, (window) => Math.min(...numbersOf(window)), never),
  value_max: aggregateOracle(numeric, (window) => Math.max(...numbersOf(window)), always),
  temporal: sequenceOracle(temporal, never),
  temporal_ordered: sequenceOracle(ordered, ({ steps }) => steps.at(-1)!.not),
};
