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
};

/** One entry for one log. */
export type Append = { readonly target: LogTarget; readonly entry: Entry };

/** Characters of a group hash: 96 bits in base64url. */
const groupHashLength = 16;

/** Group hashes already computed: most events belong to a group seen a moment ago. */
const singles = new Map<string, string>();
const tuples = new Map<string, string>();
const hashesMax = 65_536;

export function groupHashOf(group: readonly string[]): string {
  const key = group.length === 1 ? group[0]! : tupleText(group);
  const hashes = group.length === 1 ? singles : tuples;
  let known = hashes.get(key);
  if (known === undefined) {
    known = strongHash(`${group.length}${key}`, groupHashLength);
    if (hashes.size >= hashesMax) hashes.clear();
    hashes.set(key, known);
  }
  return known;
}

/**
 * Appends to `out` the entries that the event under the view adds to the logs of the rule, as a match of that step.
 * The rule must have a correlation.
 */
export function observe(rule: Rule, stepIndex: number, view: View, ref: EventRef, out: Append[]): void {
  const step = rule.steps[stepIndex] as Step;
  const groups = groupsOf(view, step.groupBy);
  if (groups.length === 0) return;
  const { event } = view;
  const values = valuesOf(rule, view);
  if (values.length === 0) return;
  const id = eventHash(event.dataset, event.id);
  for (const group of groups) {
    const target: LogTarget = { rule, group, groupHash: groupHashOf(group) };
    for (let index = 0; index < values.length; index++) {
      out.push({ target, entry: { time: event.time, id, step: stepIndex, index, value: values[index]!, ref, counted: false } });
    }
  }
}

const noValue: readonly number[] = [0];

function valuesOf(rule: Rule, view: View): readonly (number | string)[] {
  const correlation = rule.correlation;
  if (correlation === undefined || !('fields' in correlation) || correlation.fields.length === 0) return noValue;
  return correlation.kind === 'value_count' ? distinctValues(correlation.fields, view) : numbers(correlation, view);
}

/** One hash for each distinct value; several fields are counted as tuples. */
function distinctValues(fields: readonly Field[], view: View): readonly string[] {
  if (fields.length === 1) return keyTexts(view.at(fields[0]!.slot)).map(valueHash);
  return groupsOf(view, fields).map((tuple) => valueHash(tupleText(tuple)));
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
