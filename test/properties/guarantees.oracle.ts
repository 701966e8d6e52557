/**
 * What the specification says of a set of events, all at once: array filters for windows, all assignments for
 * sequences. Knows no clock, no order of arrival, no log, no mute, and no code of the engine.
 */
import type { EventCase, RuleCase, StepCase } from './guarantees.arbitraries.ts';

/** A window that fulfils the rule: where it ends, and who is in it (for sequences: nobody is told). */
export type Window = { readonly at: number; readonly members: ReadonlySet<number> };

/** Fulfilled windows by group. */
export type Expected = ReadonlyMap<string, readonly Window[]>;

export function expectedWindows(rule: RuleCase, given: readonly EventCase[]): Expected {
  const events = [...new Map(given.map((event) => [event.n, event])).values()];
  const groups =
    rule.kind === 'single' && !rule.muted ? [''] : [...new Set(events.flatMap((event) => [...texts(event.user), ...texts(event.owner)]))];
  const found = groups.map((group) => [group, windowsOf(rule, events, group)] as const);
  return new Map(found.filter(([, windows]) => windows.length > 0));
}

/** Normalised members of a group value. */
function texts(value: unknown): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap(texts))];
  return value === null || value === '' || value === undefined ? [] : [String(value)];
}

function windowsOf(rule: RuleCase, events: readonly EventCase[], group: string): Window[] {
  if (rule.kind === 'single' && !rule.muted) return matching(events, 'a').map((event) => ({ at: event.t, members: new Set([event.n]) }));
  if (rule.steps.length === 0)
    return aggregate(
      rule,
      matching(events, 'a').filter((event) => texts(event.user).includes(group)),
    );
  const lists = rule.steps.map((step) => matching(events, step.letter).filter((event) => texts(event[step.by]).includes(group)));
  return rule.kind === 'temporal' ? temporal(rule, lists) : ordered(rule, lists);
}

const matching = (events: readonly EventCase[], letter: string): EventCase[] => events.filter((event) => event.letters.includes(letter));

// Aggregates

function aggregate(rule: RuleCase, events: readonly EventCase[]): Window[] {
  const field = rule.kind !== 'event_count' && rule.kind !== 'single';
  const some = field ? events.filter((event) => valuesOf(rule.kind, event).length > 0) : events;
  return [...new Set(some.map((event) => event.t))].flatMap((at) => {
    const window = some.filter((event) => event.t > at - rule.timespanMs && event.t <= at);
    return fulfils(measure(rule.kind, window), rule.condition) ? [{ at, members: new Set(window.map((event) => event.n)) }] : [];
  });
}

function valuesOf(kind: string, { v }: EventCase): (string | number)[] {
  const members = Array.isArray(v) ? v : [v];
  return kind === 'value_count' ? members.map(String) : members.map(Number).filter((number) => !Number.isNaN(number));
}

function measure(kind: string, window: readonly EventCase[]): number {
  const values = window.flatMap((event) => valuesOf(kind, event));
  const numbers = values.map(Number);
  const sum = numbers.reduce((total, number) => total + number, 0);
  switch (kind) {
    case 'value_count':
      return new Set(values).size;
    case 'value_sum':
      return sum;
    case 'value_avg':
      return sum / numbers.length;
    case 'value_min':
      return Math.min(...numbers);
    case 'value_max':
      return Math.max(...numbers);
    default:
      return window.length;
  }
}

const fulfils = (value: number, condition: Readonly<Record<string, number>>): boolean =>
  Object.entries(condition).every(([op, bound]) => {
    if (op === 'gt') return value > bound;
    if (op === 'gte') return value >= bound;
    if (op === 'lt') return value < bound;
    return op === 'lte' ? value <= bound : value === bound;
  });

// Sequences

type Choice = readonly EventCase[];

/** All ways to take the step's number of events, close enough together. */
function choices({ times, inMs }: StepCase, events: readonly EventCase[]): Choice[] {
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
const apart = (some: Choice, others: Choice): boolean => some.every((event) => !others.includes(event));

function temporal(rule: RuleCase, lists: readonly (readonly EventCase[])[]): Window[] {
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
    return assigned.length > 0 ? [{ at, members: new Set<number>() }] : [];
  });
}

type Way = { readonly used: Choice; readonly start: number; readonly complete: number };

function ordered({ steps, timespanMs }: RuleCase, lists: readonly (readonly EventCase[])[]): Window[] {
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
  if (last === steps.length - 1) return unique(whole.map(({ complete }) => complete));
  return unique(absences(steps, timespanMs, lists, last, whole));
}

/** Ends of the watches that nothing disturbed. Of the ways to complete at one event the one that began last is watched. */
function absences(
  steps: readonly StepCase[],
  timespanMs: number,
  lists: readonly (readonly EventCase[])[],
  last: number,
  ways: readonly Way[],
): number[] {
  const trailing = steps.flatMap((step, i) => (i > last ? [{ step, list: lists[i]! }] : []));
  const armed = new Map<EventCase, Way>();
  for (const way of ways) {
    const by = lastOf(way);
    if (way.start > (armed.get(by)?.start ?? -Infinity)) armed.set(by, way);
  }
  return [...armed.values()].flatMap(({ start, complete }) => {
    const until = (step: StepCase): number => (step.withinMs === undefined ? start + timespanMs : complete + step.withinMs);
    const disturbed = trailing.some(({ step, list }) => list.some(({ t }) => t > complete && t <= until(step)));
    return disturbed ? [] : [Math.max(...trailing.map(({ step }) => until(step)))];
  });
}

/** The event that completed it: of several of one instant any will do, they end at one time. */
const lastOf = ({ used, complete }: Way): EventCase => used.findLast(({ t }) => t === complete)!;

const unique = (ends: readonly number[]): Window[] => [...new Set(ends)].map((at) => ({ at, members: new Set() }));
