/**
 * The equality index: which rules an event could match at all.
 *
 * Each condition gives a *need*: a set of (field, value) pairs of which every matching event has at least one. An
 * `equal` or `in` with constants is one; an `all` has the need of any of its parts, and takes the most selective; an
 * `any` needs what its branches need, together, if each branch has a need. `not` and all else need nothing known:
 * such steps are tried for every event. Values are compared as `===` does: 5 is not "5".
 */
import type { Matcher, RuleSet, Predicate } from '../../core/rule.ts';
import type { View } from '../../core/match/view.ts';
import { simplified } from '../condition/bound-test.ts';
import type { Condition, TestCondition } from '../condition/condition.ts';

type Constant = string | number | boolean | null;
type Pair = { readonly slot: number; readonly value: Constant };

/** `by`: the one test that the need was read from; what the index finds fulfils it already. */
type Need = { readonly pairs: readonly Pair[]; readonly by: TestCondition | undefined };

/** One step of a running rule, as the index takes it in. */
export type Indexed = {
  readonly matcher: Matcher;
  readonly condition: Condition;
  /** The step's predicate where `known` holds; undefined: nothing is known. */
  readonly predicate: (known: Condition | undefined) => Predicate;
};

type Candidate = { readonly matcher: Matcher; readonly predicate: Predicate; readonly again: boolean };
type SlotIndex = { readonly slot: number; readonly byValue: ReadonlyMap<unknown, readonly Candidate[]> };

export type EqualityIndex = {
  readonly match: (view: View) => readonly Matcher[];
  readonly time: RuleSet['time'];
  /** Steps that are tried for every event: for `check` and the metrics. */
  readonly unindexed: number;
};

export function equalityIndex(steps: readonly Indexed[]): EqualityIndex {
  const popularity = countPairs(steps);
  const slots = new Map<number, Map<Constant, Candidate[]>>();
  const always: Candidate[] = [];
  for (const { matcher, condition, predicate } of steps) {
    const need = leastNeed(condition, popularity);
    const again = need !== undefined && need.pairs.some(({ slot }) => slot !== need.pairs[0]!.slot);
    const candidate: Candidate = { matcher, predicate: predicate(need?.by), again };
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

/** @param count of matchers: they are numbered from 0. */
function matching(indexes: readonly SlotIndex[], always: readonly Candidate[], count: number): (view: View) => readonly Matcher[] {
  const found: Matcher[] = [];
  /** The turn at which a step that several fields lead to was tried last. */
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
        const { again, matcher, predicate } = candidates[c]!;
        if (again) {
          if (tried[matcher.matcher] === turn) continue;
          tried[matcher.matcher] = turn;
        }
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

/** What matching tries, each with a watch. */
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

/** More than this are sorted by the library: insertion would be quadratic. */
const insertedMax = 32;

/** Few, as a rule, and nearly sorted: insertion, in place. */
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

/** The pairs of one test; undefined when it is no equality with constants. */
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

/** How many steps could be found through each pair. */
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
