/**
 * From a match to observations: for each group the event belongs to, the entries that go into that group's log.
 * What the rule aggregates is read here, so that the log holds numbers and hashes, never text.
 */
import type { EventRef } from './event.ts';
import type { Entry } from './entry.ts';
import { groupsOf, keyText, keyTexts } from './group.ts';
import { eventHash, strongHash, tupleText, valueHash } from './hash.ts';
import { limits } from './limits.ts';
import type { Aggregate, Field, Rule, Step } from './rule.ts';
import type { View } from './view.ts';

/** The window log of one rule and group. */
export type LogTarget = {
  readonly rule: Rule;
  /** Normalised group values, in the order of the correlation's group-by. */
  readonly group: readonly string[];
  /** Hash of the group tuple: part of the log's and the record's key, and what chooses the partition. */
  readonly groupHash: string;
  /** What a store has worked out about the log; a WeakMap on the side cost a tenth of the whole drain. */
  readonly notes: TargetNotes;
};

export type TargetNotes = {
  /** The log's key, once asked for. */
  key: string;
  partition: number;
  /** Arrival (epoch ms) at which this process last prolonged the log's life. */
  prolongedMs: number;
  /** The batch that it was last part of, and its run there. */
  batch: number;
  run: number;
};

/** @param group normalised values */
export const logTarget = (rule: Rule, group: readonly string[], groupHash: string = groupHashOf(group)): LogTarget => ({
  rule,
  group,
  groupHash,
  notes: { key: '', partition: -1, prolongedMs: -Infinity, batch: 0, run: 0 },
});

/** One entry for one log. */
export type Append = { readonly target: LogTarget; readonly entry: Entry };

/** Characters of a group hash: 96 bits in base64url. */
const groupHashLength = 16;

/** What names a group: equal for equal tuples only. Length-prefixed where there are several values. */
const groupText = (group: readonly string[]): string => (group.length === 1 ? group[0]! : tupleText(group));

export const groupHashOf = (group: readonly string[]): string => strongHash(`${group.length}${groupText(group)}`, groupHashLength);

/**
 * Targets already made, by rule and group: most events belong to a group seen a moment ago, and the same group gives
 * the same object, so that what is told apart by object identity later (append-calls.ts) costs no text.
 */
const targets = new WeakMap<Rule, Map<string, LogTarget>>();
const targetsMax = 65_536;

function targetOf(rule: Rule, text: string, group: readonly string[] | undefined): LogTarget {
  let known = targets.get(rule);
  if (known === undefined) targets.set(rule, (known = new Map()));
  let target = known.get(text);
  if (target === undefined) {
    target = logTarget(rule, group ?? [text]);
    if (known.size >= targetsMax) known.clear();
    known.set(text, target);
  }
  return target;
}

/**
 * Appends to `out` the entries that the event under the view adds to the logs of the rule, as a match of that step.
 * The rule must have a correlation.
 */
export function observe(rule: Rule, stepIndex: number, view: View, ref: EventRef, out: Append[]): void {
  const { groupBy } = rule.steps[stepIndex] as Step;
  const only = groupBy.length === 1 ? keyText(view.at(groupBy[0]!.slot)) : undefined;
  const groups = only === undefined ? groupsOf(view, groupBy) : noGroups;
  if (only === undefined && groups.length === 0) return;
  const values = valuesOf(rule, view);
  if (values.length === 0) return;
  const { event } = view;
  const id = eventHash(event.dataset, event.id);
  const put = (target: LogTarget): void => {
    for (let index = 0; index < values.length; index++) {
      out.push({ target, entry: { time: event.time, id, step: stepIndex, index, value: values[index]!, ref, counted: false } });
    }
  };
  if (only !== undefined) put(targetOf(rule, only, undefined));
  else for (const group of groups) put(targetOf(rule, groupText(group), group));
}

const noGroups: readonly (readonly string[])[] = [];
const noValue: readonly number[] = [0];

function valuesOf(rule: Rule, view: View): readonly (number | string)[] {
  const correlation = rule.correlation;
  if (correlation === undefined || !('fields' in correlation) || correlation.fields.length === 0) return noValue;
  return correlation.kind === 'value_count' ? distinctValues(correlation.fields, view) : numbers(correlation, view);
}

/** One hash for each distinct value; several fields are counted as tuples. */
function distinctValues(fields: readonly Field[], view: View): readonly string[] {
  if (fields.length === 1) return keyTexts(view.at(fields[0]!.slot)).map(hashed);
  return groupsOf(view, fields).map((tuple) => hashed(tupleText(tuple)));
}

/** Hashes of values seen a moment ago. */
const hashes = new Map<string, string>();
const hashesMax = 65_536;

function hashed(text: string): string {
  let known = hashes.get(text);
  if (known === undefined) {
    known = valueHash(text);
    if (hashes.size >= hashesMax) hashes.clear();
    hashes.set(text, known);
  }
  return known;
}

/** Numbers and numeric text; an array gives each of its members. */
function numbers(correlation: Aggregate, view: View): readonly number[] {
  const value = view.at(correlation.fields[0]!.slot);
  const single = numeric(value);
  if (single !== undefined) return [single];
  if (!Array.isArray(value)) return [];
  return value.slice(0, limits.valuesPerEventMax).flatMap((member) => numeric(member) ?? []);
}

/** The finite number that a value is or spells; undefined for anything else. */
export function numeric(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** The normalised value of a field for display; undefined when it cannot be a key. */
export const entityText = (view: View, field: Field): string | undefined => keyText(view.at(field.slot));
