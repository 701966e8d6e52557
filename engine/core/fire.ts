/**
 * From fulfilled windows to alerts: the mute check and the counts, as a pure plan.
 *
 * Muting is event time: a window ending at e is muted when an alert of this rule and group lies at a with
 * |e − a| < suppress, before or after. So the order in which windows are judged changes which of them is the alert,
 * never whether there is one.
 *
 *        a₁          e (muted: repeat of a₁)      a₂
 *     ───●───────────○───────────────────────────●────▶ event time
 *        └────────── suppress ──────────┘
 *
 * Counts are absolute: count = base + distinct events in the log that take part in windows of this alert. `base` are
 * those which have left the log since, or stand in it with their `counted` flag; tidy.ts moves them there. Judging
 * the same log twice gives the same numbers.
 *
 * The plan is applied only if the record is still the one it was made from (commit in runtime/ports.ts).
 */
import type { Entry } from './entry.ts';
import { strongHash, tupleText } from './hash.ts';
import type { Fulfilment } from './verdict.ts';

/** One alert of a rule and group, as the mute check needs it. */
export type Mark = {
  readonly id: string;
  /** Event time of the window's end. */
  readonly at: number;
  /** Events that took part and are no longer counted from the log. */
  readonly base: number;
  readonly count: number;
  /** Event times of the first and the last event that took part. */
  readonly first: number;
  readonly last: number;
};

/** The alert record of one rule and group. `version` 0: there is none. Marks are in order of `at`. */
export type AlertRecord = { readonly version: number; readonly marks: readonly Mark[] };

export type Firing = { readonly mark: Mark; readonly fulfilment: Fulfilment };

export type FirePlan = {
  /** The record's marks from now on. */
  readonly marks: readonly Mark[];
  readonly fired: readonly Firing[];
  /** Marks of earlier alerts whose numbers have changed. */
  readonly raised: readonly Mark[];
  /** Windows that were muted by a mark. */
  readonly muted: number;
  /** Entries that take part, and the id of the mark they count for. */
  readonly members: ReadonlyMap<Entry, string>;
};

/** The id of the alert that an event fulfils for a rule and group. Deterministic; no ':' and never all digits (BullMQ). */
export const alertId = (ruleId: string, groupHash: string, eventId: string): string =>
  `al_${strongHash(tupleText([ruleId, groupHash, eventId]), 22)}`;

type Tally = { mark: Mark; readonly events: Set<string>; first: number; last: number; isNew: Fulfilment | undefined };

/**
 * @param fulfilments in order of (at, by)
 * @param suppressMs 0: every window is an alert of its own
 * @param contiguous true when the proofs are whole windows of one log (aggregates): then each new window is walked
 *   from its newest entry back to the first that the window before had, instead of whole
 */
export function planFire(
  ruleId: string,
  groupHash: string,
  fulfilments: readonly Fulfilment[],
  record: AlertRecord,
  suppressMs: number,
  contiguous: boolean,
): FirePlan {
  const tallies: Tally[] = record.marks.map((mark) => ({ mark, events: new Set(), first: mark.first, last: mark.last, isNew: undefined }));
  const byId = new Map(tallies.map((tally) => [tally.mark.id, tally]));
  const members = new Map<Entry, string>();
  let muted = 0;
  for (const fulfilment of fulfilments) {
    const id = alertId(ruleId, groupHash, fulfilment.by.id);
    let tally = byId.get(id) ?? covering(tallies, fulfilment.at, suppressMs);
    if (tally === undefined) {
      const { at } = fulfilment;
      tally = { mark: { id, at, base: 0, count: 0, first: at, last: at }, events: new Set(), first: Infinity, last: -Infinity, isNew: fulfilment };
      insert(tallies, tally);
      byId.set(id, tally);
    } else if (tally.mark.id !== id) {
      muted += 1;
    }
    takePart(tally, fulfilment, members, contiguous);
  }
  const counted = countedEvents(members);
  const fired: Firing[] = [];
  const raised: Mark[] = [];
  const marks = tallies.map((tally) => {
    const mark = settle(tally, counted);
    if (tally.isNew !== undefined) fired.push({ mark, fulfilment: tally.isNew });
    else if (mark !== tally.mark) raised.push(mark);
    return mark;
  });
  return { marks, fired, raised, muted, members };
}

/** The earliest alert within `suppressMs` of the time, if any. */
function covering(tallies: readonly Tally[], at: number, suppressMs: number): Tally | undefined {
  const first = tallies[firstAfter(tallies, at - suppressMs)];
  return first !== undefined && first.mark.at < at + suppressMs ? first : undefined;
}

/** Index of the first tally whose mark lies after `at`. */
function firstAfter(tallies: readonly Tally[], at: number): number {
  let low = 0;
  let high = tallies.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tallies[middle]!.mark.at > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

function insert(tallies: Tally[], tally: Tally): void {
  tallies.splice(firstAfter(tallies, tally.mark.at), 0, tally);
}

function takePart(tally: Tally, { spans }: Fulfilment, members: Map<Entry, string>, contiguous: boolean): void {
  for (const { of, from, to } of spans) {
    for (let i = to - 1; i >= from; i--) {
      const entry = of[i]!;
      if (members.has(entry)) {
        if (contiguous) break;
        continue;
      }
      members.set(entry, tally.mark.id);
      if (entry.time < tally.first) tally.first = entry.time;
      if (entry.time > tally.last) tally.last = entry.time;
      if (!entry.counted) tally.events.add(entry.id);
    }
  }
}

/** Events that stand in a base count already, though another of their entries does not say so. */
function countedEvents(members: ReadonlyMap<Entry, string>): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const entry of members.keys()) if (entry.counted) ids.add(entry.id);
  return ids;
}

function settle(tally: Tally, counted: ReadonlySet<string>): Mark {
  const { mark, events } = tally;
  let fresh = events.size;
  if (counted.size > 0) for (const id of events) if (counted.has(id)) fresh -= 1;
  const count = mark.base + fresh;
  const unchanged = count === mark.count && tally.first === mark.first && tally.last === mark.last;
  return unchanged ? mark : { ...mark, count, first: tally.first, last: tally.last };
}
