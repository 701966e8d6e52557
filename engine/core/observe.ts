/**
 * From a match to observations: for each group the event belongs to, the entries that go into that group's log.
 * What the rule aggregates is read here, so that the log holds numbers and hashes, never text.
 */
import type { EventRef } from './event.ts';
import type { Entry } from './entry.ts';
import { groupsOf, keyText, keyTexts } from './group.ts';
import { strongHash, tupleText, valueHash } from './hash.ts';
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
  /** What a store has worked out about the log. Here, because a WeakMap on the side cost a tenth of the whole drain. */
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
 * Targets already made, by rule and by the value or tuple that names the group: most events belong to a group seen a
 * moment ago, and the same group gives the same object, so that what is told apart by object identity later
 * (append-calls.ts) costs no text. All of them are forgotten when there are too many.
 */
let targets = new WeakMap<Rule, Map<string, LogTarget>>();
let targetsKept = 0;

function targetsOf(rule: Rule): Map<string, LogTarget> {
  let known = targets.get(rule);
  if (known === undefined) targets.set(rule, (known = new Map()));
  return known;
}

function keep(rule: Rule, name: string, target: LogTarget): LogTarget {
  if (++targetsKept > limits.targetsKeptMax) {
    targets = new WeakMap();
    targetsKept = 1;
  }
  targetsOf(rule).set(name, target);
  return target;
}

/** The group that one string value names, under that very value: normalised only when it is seen first. */
function targetOfText(rule: Rule, value: string): LogTarget | undefined {
  const known = targetsOf(rule).get(value);
  if (known !== undefined) return known;
  const text = keyText(value);
  if (text === undefined) return undefined;
  return keep(
    rule,
    value,
    text === value ? logTarget(rule, [text]) : (targetsOf(rule).get(text) ?? keep(rule, text, logTarget(rule, [text]))),
  );
}

function targetOfGroup(rule: Rule, group: readonly string[]): LogTarget {
  const name = groupText(group);
  return targetsOf(rule).get(name) ?? keep(rule, name, logTarget(rule, group));
}

/**
 * Appends to `out` the entries that the event under the view adds to the logs of the rule, as a match of that step.
 * The rule must have a correlation.
 * @param id eventHash() of the event
 */
export function observe(rule: Rule, stepIndex: number, view: View, id: string, ref: EventRef, out: Append[]): void {
  const { groupBy } = rule.steps[stepIndex] as Step;
  const { time } = view.event;
  const only = groupBy.length === 1 ? view.at(groupBy[0]!.slot) : undefined;
  if (typeof only === 'string') {
    const target = targetOfText(rule, only);
    if (target === undefined) return;
    const value = plainValue(rule, view);
    if (value !== undefined) out.push({ target, entry: { time, id, step: stepIndex, index: 0, value, ref, counted: false } });
    else put(target, valuesOf(rule, view), time, id, stepIndex, ref, out);
    return;
  }
  const groups = groupsOf(view, groupBy);
  if (groups.length === 0) return;
  const values = valuesOf(rule, view);
  for (const group of groups) put(targetOfGroup(rule, group), values, time, id, stepIndex, ref, out);
}

function put(
  target: LogTarget,
  values: readonly (number | string)[],
  time: number,
  id: string,
  step: number,
  ref: EventRef,
  out: Append[],
): void {
  for (let index = 0; index < values.length; index++) {
    out.push({ target, entry: { time, id, step, index, value: values[index]!, ref, counted: false } });
  }
}

/** The one value of the usual event, without a list around it; undefined where valuesOf() must look. */
function plainValue({ correlation }: Rule, view: View): number | string | undefined {
  if (correlation === undefined || !('fields' in correlation) || correlation.fields.length === 0) return 0;
  const value = correlation.fields.length === 1 ? view.at(correlation.fields[0]!.slot) : undefined;
  if (correlation.kind !== 'value_count') return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && value !== '' ? hashedText(value) : undefined;
}

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

/** @param text a normalised value */
function hashed(text: string): string {
  return hashes.get(text) ?? remember(text, valueHash(text));
}

/** The same for a value as it came: normalised only when it is seen first. */
function hashedText(value: string): string {
  return hashes.get(value) ?? remember(value, valueHash(keyText(value) ?? value));
}

function remember(text: string, hash: string): string {
  if (hashes.size >= hashesMax) hashes.clear();
  hashes.set(text, hash);
  return hash;
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
