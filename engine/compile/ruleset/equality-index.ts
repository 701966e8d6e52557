/**
 * The equality index: finds the rules that an event could match at all.
 *
 * Each condition has a *need*: a set of (field, value) pairs of which every matching event has at least one. An `equal` or
 * `in` with constants is such a set; an `all` has the needs of all its parts, and the most selective one is used; an `any`
 * has the union of the needs of its branches, if each branch has one. `not` and other conditions have no need: their steps
 * are tried for every event. Values are compared with `===`: 5 is not "5".
 */
import type { Matcher, RuleSet } from '../../core/rule.ts';
import type { Predicate } from '../../core/step.ts';
import type { View } from '../../core/match/view.ts';
import { simplified } from '../condition/bound-test.ts';
import type { Condition, TestCondition } from '../condition/condition.ts';

type Constant = string | number | boolean | null;
type Pair = { readonly slot: number; readonly value: Constant };

/** `by`: the only test that the need was read from, if so; events that the index finds pass it. */
type Need = { readonly pairs: readonly Pair[]; readonly by: TestCondition | undefined };

/** One step of a running rule, as input for the index. */
export type Indexed = {
  readonly matcher: Matcher;
  readonly condition: Condition;
  /** The step's predicate for events for which `known` holds; undefined: nothing is known. */
  readonly predicate: (known: Condition | undefined) => Predicate;
};

type Candidate = { readonly matcher: Matcher; readonly predicate: Predicate };
type SlotIndex = { readonly slot: number; readonly byValue: ReadonlyMap<unknown, readonly Candidate[]> };

export type EqualityIndex = {
  readonly match: (view: View) => readonly Matcher[];
  readonly time: RuleSet['time'];
  /** Number of steps that are tried for every event. */
  readonly unindexed: number;
};

export function equalityIndex(steps: readonly Indexed[]): EqualityIndex {
  const popularity = countPairs(steps);
  const slots = new Map<number, Map<Constant, Candidate[]>>();
  const always: Candidate[] = [];
  for (const { matcher, condition, predicate } of steps) {
    const need = leastNeed(condition, popularity);
    const candidate: Candidate = { matcher, predicate: predicate(need?.by) };
    if (need === undefined) always.push(candidate);
    else for (const { slot, value } of need.pairs) bucket(slots, slot, value).push(candidate);
  }
  const indexes = [...slots].map(([slot, byValue]): SlotIndex => ({ slot, byValue }));
  return { match: matching(indexes, always, steps.length), time: timing(indexes, always), unindexed: always.length };
}

function bucket(slots: Map<number, Map<Constant, Candidate[]>>, slot: number, value: Constant): Candidate[] {
  let byValue = slots.get(slot);
  if (byValue === undefined) slots.set(slot, (byValue = new Map()));
  let candidates = byValue.get(value);
  if (candidates === undefined) byValue.set(value, (candidates = []));
  return candidates;
}

/** @param count number of matchers, which are numbered from 0 */
function matching(indexes: readonly SlotIndex[], always: readonly Candidate[], count: number): (view: View) => readonly Matcher[] {
  const found: Matcher[] = [];
  /** The turn in which a step was last tried: several fields may lead to it. */
  const tried = new Uint32Array(count);
  let turn = 0;
  return (view) => {
    if (found.length > 0) found.length = 0;
    turn = (turn + 1) >>> 0;
    if (turn === 0) {
      tried.fill(0);
      turn = 1;
    }
    for (let i = 0; i < indexes.length; i++) {
      const index = indexes[i]!;
      const value = view.at(index.slot);
      const candidates = value === undefined ? undefined : index.byValue.get(value);
      if (candidates === undefined) continue;
      for (let c = 0; c < candidates.length; c++) {
        const { matcher, predicate } = candidates[c]!;
        if (tried[matcher.matcher] === turn) continue;
        tried[matcher.matcher] = turn;
        if (predicate(view)) found.push(matcher);
      }
    }
    for (let c = 0; c < always.length; c++) {
      const candidate = always[c]!;
      if (candidate.predicate(view)) found.push(candidate.matcher);
    }
    return found.length > 1 ? inOrder(found) : found;
  };
}

/** Evaluates what matching would try, and measures each predicate. */
function timing(indexes: readonly SlotIndex[], always: readonly Candidate[]): RuleSet['time'] {
  return (view, now, spent) => {
    const found = indexes.flatMap(({ slot, byValue }) => byValue.get(view.at(slot)) ?? []);
    for (const { matcher, predicate } of new Set([...found, ...always])) {
      const started = now();
      predicate(view);
      spent(matcher.rule, now() - started);
    }
  };
}

/** Longer lists use the built-in sort: insertion sort is quadratic. */
const insertedMax = 32;

/**
 * Sorts in place, by insertion: there are usually few matches, and they are nearly sorted. The built-in sort takes 130 ns
 * more of 740 an event (bench `match`).
 */
function inOrder(found: Matcher[]): Matcher[] {
  if (found.length > insertedMax) return found.sort((a, b) => a.matcher - b.matcher);
  for (let i = 1; i < found.length; i++) {
    const moved = found[i]!;
    let j = i - 1;
    for (; j >= 0 && found[j]!.matcher > moved.matcher; j--) found[j + 1] = found[j]!;
    found[j + 1] = moved;
  }
  return found;
}

const isConstant = (value: unknown): value is Constant => value === null || typeof value !== 'object';

/** The pairs of one test; undefined if it is not an equality with constants. */
function pairsOf({ slot, chain, operand }: TestCondition): Pair[] | undefined {
  if (!('constant' in operand)) return undefined;
  const { constant } = operand;
  const { decorators, base } = simplified(chain);
  if (decorators.length > 0) return undefined;
  if (base === 'equal') return isConstant(constant) ? [{ slot, value: constant }] : [];
  if (base !== 'in' || !Array.isArray(constant)) return undefined;
  return [...new Set(constant.filter(isConstant))].map((value) => ({ slot, value }));
}

const pairKey = ({ slot, value }: Pair): string => `${slot} ${typeof value} ${value}`;

/** How many tests have each pair. */
function countPairs(steps: readonly Indexed[]): Map<string, number> {
  const counts = new Map<string, number>();
  const visit = (condition: Condition): void => {
    if (condition.kind === 'not') return;
    if (condition.kind !== 'test') return condition.of.forEach(visit);
    for (const pair of pairsOf(condition) ?? []) counts.set(pairKey(pair), (counts.get(pairKey(pair)) ?? 0) + 1);
  };
  for (const { condition } of steps) visit(condition);
  return counts;
}

function leastNeed(condition: Condition, popularity: ReadonlyMap<string, number>): Need | undefined {
  const cost = ({ pairs }: Need): number => pairs.reduce((sum, pair) => sum + (popularity.get(pairKey(pair)) ?? 0), 0);
  const least = (each: Condition): Need | undefined => {
    switch (each.kind) {
      case 'test': {
        const pairs = pairsOf(each);
        return pairs === undefined ? undefined : { pairs, by: each };
      }
      case 'all':
        return each.of
          .map(least)
          .reduce((best, need) => (best === undefined || (need !== undefined && cost(need) < cost(best)) ? need : best), undefined);
      case 'any': {
        const needs = each.of.map(least);
        if (needs.some((need) => need === undefined)) return undefined;
        const pairs = new Map(needs.flatMap((need) => need!.pairs.map((pair) => [pairKey(pair), pair] as const)));
        return { pairs: [...pairs.values()], by: undefined };
      }
      case 'not':
        return undefined;
    }
  };
  return least(condition);
}
