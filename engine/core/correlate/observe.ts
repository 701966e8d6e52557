/**
 * From a match to observations: for each group the event belongs to, the entries that go into that group's log.
 * What the rule aggregates is read here, so that the log holds numbers and hashes, never text.
 */
import type { EventRef } from '../event.ts';
import { groupsOf, keyText, keyTexts } from './group.ts';
import { tupleText } from '../util/hash.ts';
import { groupText, logTarget, type LogTarget, type TargetCache } from './target.ts';
import { limits } from '../limits.ts';
import type { Aggregate, Field, Rule, Step } from '../rule.ts';
import type { View } from '../match/view.ts';

/**
 * Takes what was observed, one event after the other. An implementation writes it at once into the form that its
 * store needs: no object is made for an entry on the way.
 */
export type Observations = {
  /** What is added from now on is of this event. @param id eventHash() of it */
  of(time: number, id: string, ref: EventRef): void;
  /** One entry for one log: see Entry for what they mean. */
  add(target: LogTarget, step: number, index: number, value: number | string): void;
};

/** Adds what the event under the view adds to the logs of one rule, as a match of one step. `out` has been told of the event. @returns false when it lacks a field of the group */
export type Observer = (view: View, out: Observations) => boolean;

/** @param rule must have a correlation   @param memory what is known of groups and values seen before */
export function observer(rule: Rule, step: number, memory: TargetCache): Observer {
  const { groupBy } = rule.steps[step] as Step;
  const slot = groupBy.length === 1 ? groupBy[0]!.slot : undefined;
  const known = memory.targetsOf(rule);
  const cut = (): void => memory.told.cut('groups');

  /** The group that one string value names, under that very value: normalised only when it is seen first. */
  function ofText(value: string): LogTarget | undefined {
    const text = keyText(value);
    if (text === undefined) return undefined;
    const target = known.get(text) ?? memory.keep(rule, text, logTarget(rule, [text]));
    return text === value ? target : memory.keep(rule, value, target);
  }

  function ofGroup(group: readonly string[]): LogTarget {
    const name = groupText(group);
    return known.get(name) ?? memory.keep(rule, name, logTarget(rule, group));
  }

  return (view, out) => {
    const only = slot === undefined ? undefined : view.at(slot);
    if (typeof only === 'string') {
      const target = known.get(only) ?? ofText(only);
      if (target === undefined) return false;
      const value = plainValue(rule, view, memory);
      if (value !== undefined) out.add(target, step, 0, value);
      else addAll(target, step, valuesOf(rule, view, memory), out);
      return true;
    }
    const groups = groupsOf(view, groupBy, cut);
    if (groups.length === 0) return false;
    const values = fewerFor(groups.length, valuesOf(rule, view, memory), memory);
    for (const group of groups) addAll(ofGroup(group), step, values, out);
    return true;
  };
}

/** Of an event's values, as many as each of so many groups may get. */
function fewerFor(groups: number, values: readonly (number | string)[], { told }: TargetCache): readonly (number | string)[] {
  const most = Math.floor(limits.eventEntriesMax / groups);
  if (values.length <= most) return values;
  told.cut('values');
  return values.slice(0, most);
}

function addAll(target: LogTarget, step: number, values: readonly (number | string)[], out: Observations): void {
  for (let index = 0; index < values.length; index++) out.add(target, step, index, values[index]!);
}

/** The one value of the usual event, without a list around it; undefined where valuesOf() must look. */
function plainValue({ correlation }: Rule, view: View, memory: TargetCache): number | string | undefined {
  if (correlation === undefined || !('fields' in correlation) || correlation.fields.length === 0) return 0;
  const value = correlation.fields.length === 1 ? view.at(correlation.fields[0]!.slot) : undefined;
  if (correlation.kind !== 'value_count') return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' && value !== '' ? memory.hashOfRaw(value) : undefined;
}

const noValue: readonly number[] = [0];

function valuesOf(rule: Rule, view: View, memory: TargetCache): readonly (number | string)[] {
  const correlation = rule.correlation;
  if (correlation === undefined || !('fields' in correlation) || correlation.fields.length === 0) return noValue;
  return correlation.kind === 'value_count' ? distinctValues(correlation.fields, view, memory) : numbers(correlation, view, memory);
}

/** One hash for each distinct value; several fields are counted as tuples. */
function distinctValues(fields: readonly Field[], view: View, memory: TargetCache): readonly string[] {
  const cut = (): void => memory.told.cut('values');
  const texts = fields.length === 1 ? keyTexts(view.at(fields[0]!.slot), cut) : groupsOf(view, fields, cut).map(tupleText);
  return texts.map((text) => memory.hashOf(text));
}

/** Numbers and numeric text; an array gives each of its members. */
function numbers(correlation: Aggregate, view: View, { told }: TargetCache): readonly number[] {
  const value = view.at(correlation.fields[0]!.slot);
  const single = numeric(value);
  if (single !== undefined) return [single];
  if (!Array.isArray(value)) return [];
  if (value.length > limits.valuesPerEventMax) told.cut('values');
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
