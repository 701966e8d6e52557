/**
 * The slow obvious version of evaluation. An Oracle is that version for one kind: array filters for aggregates, all
 * assignments for sequences. This file has what all kinds share: the order of a log, and the clock. It uses no code of the
 * engine's evaluation, and nothing here is clever.
 */
import { compareEntries, type Entry } from '../../engine/core/correlate/entry.ts';
import type { Correlated } from '../../engine/core/correlate/kind.ts';
import type { Fulfilment, Moment } from '../../engine/core/correlate/verdict.ts';

export type Expected = { readonly at: number; readonly by: Entry; readonly value: number; readonly start: number };
export type ExpectedVerdict = { readonly fulfilments: readonly Expected[]; readonly reviewAt: number | undefined };

export type Oracle = {
  /** Every window of a log that fulfils the rule, in order, regardless of the clock. */
  windows(rule: Correlated, entries: readonly Entry[]): Expected[];
  /** True when further entries like those of the log can only help. */
  grows(rule: Correlated, entries: readonly Entry[]): boolean;
  /** True when a window may end at the entry. */
  mayEndAt(rule: Correlated, entry: Entry): boolean;
  /** The verdict on a rule that waits for an event that must not come; undefined: events decide this rule. */
  absence?(rule: Correlated, entries: readonly Entry[], moment: Moment): ExpectedVerdict | undefined;
  /** Expects that the proof of a fulfilment is valid. */
  expectProof(rule: Correlated, entries: readonly Entry[], found: Fulfilment, expected: Expected): void;
};

/** The first arrival of each identity, in (time, id) order: the content of a log, in whichever order its entries were appended. */
export function firstArrivals(journal: readonly Entry[]): readonly Entry[] {
  const earlier = (a: Entry, b: Entry): boolean => a.ref.ms < b.ref.ms || (a.ref.ms === b.ref.ms && a.ref.seq < b.ref.seq);
  const same = (a: Entry, b: Entry): boolean => a.id === b.id && a.step === b.step && a.index === b.index;
  const stays = (entry: Entry, i: number): boolean =>
    !journal.some((other, j) => same(entry, other) && (earlier(other, entry) || (!earlier(entry, other) && j < i)));
  return journal.filter(stays).toSorted(compareEntries);
}

export function expectedVerdict(oracle: Oracle, rule: Correlated, entries: readonly Entry[], moment: Moment): ExpectedVerdict {
  const absence = oracle.absence?.(rule, entries, moment);
  if (absence !== undefined) return absence;
  return rule.correlation.settle ? settled(oracle, rule, entries, moment) : early(oracle, rule, entries, moment);
}

export const passed = (end: number, due: number, { clock, closing }: Moment): boolean =>
  closing === undefined ? clock.ms > due : end <= closing;

/** What is fulfilled in the whole log and also in its processed part; if further entries can only help, the whole log is enough. */
function early(oracle: Oracle, rule: Correlated, entries: readonly Entry[], { clock, closing }: Moment): ExpectedVerdict {
  const fulfilments = oracle.windows(rule, entries);
  const waiting = entries.filter(({ ref }) => ref.ms > clock.ms || (ref.ms === clock.ms && ref.seq >= clock.seq));
  if (closing !== undefined || oracle.grows(rule, entries)) return { fulfilments, reviewAt: undefined };
  const known = oracle.windows(
    rule,
    entries.filter((entry) => !waiting.includes(entry)),
  );
  const sure = fulfilments.filter(({ by }) => known.some((other) => other.by === by));
  const reviewAt = sure.length === fulfilments.length ? undefined : Math.min(...waiting.map(({ ref }) => ref.ms)) + 1;
  return { fulfilments: sure, reviewAt };
}

function settled(oracle: Oracle, rule: Correlated, entries: readonly Entry[], moment: Moment): ExpectedVerdict {
  const fulfilments: Expected[] = [];
  const reviews: number[] = [];
  for (const time of new Set(entries.map((entry) => entry.time))) {
    const arrivals = entries.filter((entry) => entry.time === time && oracle.mayEndAt(rule, entry)).map(({ ref }) => ref.ms);
    const due = Math.min(...arrivals) + moment.latenessMs;
    const isDue = passed(time, due, moment);
    const known = entries.filter(({ ref }) => ref.ms <= due);
    const found = oracle.windows(rule, known).findLast((each) => each.at === time);
    if (found === undefined) continue;
    if (isDue) fulfilments.push(found);
    else reviews.push(due + 1);
  }
  return { fulfilments, reviewAt: reviews.length === 0 ? undefined : Math.min(...reviews) };
}
