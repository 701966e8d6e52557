/**
 * From a match to observations: for each group the event belongs to, the entries that go into that group's log.
 * What the rule aggregates is read here, so that the log holds numbers and hashes, never text.
 */
import type { EventRef } from '../event.ts';
import { groupsOf, keyText } from './group.ts';
import { limits } from '../limits.ts';
import type { View } from '../match/view.ts';
import { correlated, type Rule } from '../rule.ts';
import type { Step } from '../step.ts';
import { groupText, logTarget, type LogTarget, type TargetCache } from './target.ts';

/**
 * Takes what was observed, one event after the other. An implementation writes it at once into the form that its
 * store needs: no object is made for an entry on the way.
 */
export type Observations = {
  /** Entries added from now on are of this event. @param id eventHash() of it */
  of(time: number, id: string, ref: EventRef): void;
  /** One entry for one log: see Entry for what they mean. */
  add(target: LogTarget, step: number, index: number, value: number | string): void;
};

/**
 * Adds the entries of the event under the view to the logs of one rule, as a match of one step.
 * @param out after its of() was called for the event
 * @returns false when the event lacks a field of the group
 */
export type Observer = (view: View, out: Observations) => boolean;

/** @param rule must have a correlation   @param memory the groups and values seen before */
export function observer(rule: Rule, step: number, memory: TargetCache): Observer {
  const { groupBy } = rule.steps[step] as Step;
  const slot = groupBy.length === 1 ? groupBy[0]!.slot : undefined;
  const known = memory.targetsOf(rule);
  const cut = (): void => memory.told.cut('groups');
  const { correlation } = correlated(rule);
  const valuesOf = correlation.kind.values(correlation).reader(correlation.fields, memory, () => memory.told.cut('values'));

  /**
   * The group that one string value names, under that very value: normalised only when it is seen first. Without this
   * path beside groupsOf() an event takes 180 ns of 3 µs more.
   */
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
      addAll(target, step, valuesOf(view), out);
      return true;
    }
    const groups = groupsOf(view, groupBy, cut);
    if (groups.length === 0) return false;
    const some = fewerFor(groups.length, valuesOf(view), memory);
    for (const group of groups) addAll(ofGroup(group), step, some, out);
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
