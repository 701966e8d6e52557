/**
 * Turns a match into observations: for each group the event belongs to, the entries for that group's log. The values that
 * the rule aggregates are read here, so that the log holds numbers and hashes, never text.
 */
import type { EventRef } from '../event.ts';
import { groupsOf, keyText } from './group.ts';
import { limits } from '../limits.ts';
import type { View } from '../match/view.ts';
import { correlated, type Rule } from '../rule.ts';
import type { Step } from '../step.ts';
import { groupText, logTarget, type LogTarget, type TargetCache } from './target.ts';

/**
 * Receives the observations, one event after the other. An implementation writes them directly in the form that its store
 * needs, so no object is made for an entry.
 */
export type Observations = {
  /** Entries added from now on belong to this event. @param id its eventHash() */
  of(time: number, id: string, ref: EventRef): void;
  /** Adds one entry to one log. Entry explains the parameters. */
  add(target: LogTarget, step: number, index: number, value: number | string): void;
};

/**
 * Adds the entries of the event under the view to the logs of one rule, as a match of one step.
 * @param out its of() must have been called for the event
 * @returns false when the event lacks a field of the group
 */
export type Observer = (view: View, out: Observations) => boolean;

/** @param rule must have a correlation   @param memory remembers the groups and values seen before */
export function observer(rule: Rule, step: number, memory: TargetCache): Observer {
  const { groupBy } = rule.steps[step] as Step;
  const slot = groupBy.length === 1 ? groupBy[0]!.slot : undefined;
  const known = memory.targetsOf(rule);
  const cut = (): void => memory.told.cut('groups');
  const { correlation } = correlated(rule);
  const values = correlation.kind.values(correlation).reader(correlation.fields, memory, () => memory.told.cut('values'));

  /** The target of the group that a single string value names. The value is normalised only the first time. */
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
      const value = values.one(view);
      if (value !== undefined) out.add(target, step, 0, value);
      else addAll(target, step, values.all(view), out);
      return true;
    }
    const groups = groupsOf(view, groupBy, cut);
    if (groups.length === 0) return false;
    const some = fewerFor(groups.length, values.all(view), memory);
    for (const group of groups) addAll(ofGroup(group), step, some, out);
    return true;
  };
}

/** The values of an event, cut to the number that each of that many groups may get. */
function fewerFor(groups: number, values: readonly (number | string)[], { told }: TargetCache): readonly (number | string)[] {
  const most = Math.floor(limits.eventEntriesMax / groups);
  if (values.length <= most) return values;
  told.cut('values');
  return values.slice(0, most);
}

function addAll(target: LogTarget, step: number, values: readonly (number | string)[], out: Observations): void {
  for (let index = 0; index < values.length; index++) out.add(target, step, index, values[index]!);
}
