/**
 * From fulfilled windows to alerts: suppression and counts, as a pure plan.
 *
 * Suppression uses event time: a window ending at e is suppressed if this rule and group has an alert at a with
 * |e − a| < suppress, before or after. So the order in which windows are evaluated changes which of them becomes the alert,
 * but never whether there is one. Windows that end at one instant are one window, as it were: which of its events
 * comes last is only a matter of their ids. So they give one alert, whatever the suppression.
 *
 *        a₁          e (suppressed by a₁)         a₂
 *     ───●───────────○───────────────────────────●────▶ event time
 *        └────────── suppress ──────────┘
 *
 * Counts are absolute and separate for each alert: count = base + distinct events in the log that take part in windows of
 * this alert. An event may take part in two alerts, and counts once in each. `base` counts the events that have since left
 * the log, or are in it with their `counted` flag; tidy.ts moves them there, and an alert that fires later finds them in
 * its first windows. Evaluating the same log twice gives the same numbers.
 *
 * The plan is applied only if the record has not changed since it was read (a compare-and-set commit).
 */
import type { Entry } from '../correlate/entry.ts';
import { strongHash, tupleText } from '../util/hash.ts';
import { tallyOf, type Counting, type Tally } from './tally.ts';
import type { Fulfilment } from '../correlate/verdict.ts';
import { firstWhere } from '../util/first-where.ts';

/** One alert of a rule and group, as needed for suppression. */
export type Mark = {
  readonly id: string;
  /** Event time of the end of its window. */
  readonly at: number;
  /** Number of events that took part and are no longer counted from the log. */
  readonly base: number;
  readonly count: number;
  /** Event times of the first and the last event that took part. */
  readonly first: number;
  readonly last: number;
};

/** The alert record of one rule and group. `version` is 0 if there is none. Marks are in order of `at`. */
export type AlertRecord = { readonly version: number; readonly marks: readonly Mark[] };

export type Firing = { readonly mark: Mark; readonly fulfilment: Fulfilment };

export type FirePlan = {
  /** The new marks of the record. */
  readonly marks: readonly Mark[];
  readonly fired: readonly Firing[];
  /** Marks of earlier alerts whose numbers have changed. */
  readonly raised: readonly Mark[];
  /** Number of windows suppressed by a mark. */
  readonly muted: number;
  /** Entries that take part in any alert. */
  readonly members: ReadonlySet<Entry>;
};

/** The id of the alert that an event fulfils for a rule and group. Deterministic; without ':' and never all digits, as BullMQ requires. */
export const alertId = (ruleId: string, groupHash: string, eventId: string): string =>
  `al_${strongHash(tupleText([ruleId, groupHash, eventId]), 22)}`;

type Open = { mark: Mark; readonly tally: Tally; readonly isNew: Fulfilment | undefined };

/**
 * @param fulfilments in order of (at, by)
 * @param suppressMs 0: every instant at which windows end is a separate alert
 * @param counting how the entries of the fulfilments are counted (tally.ts)
 */
export function planFire(
  ruleId: string,
  groupHash: string,
  fulfilments: readonly Fulfilment[],
  record: AlertRecord,
  suppressMs: number,
  counting: Counting,
): FirePlan {
  const all: Open[] = record.marks.map((mark) => ({ mark, tally: tallyOf(counting), isNew: undefined }));
  const byId = new Map(all.map((open) => [open.mark.id, open]));
  let muted = 0;
  for (const fulfilment of fulfilments) {
    const id = alertId(ruleId, groupHash, fulfilment.by.id);
    // An event sent again with other content may end windows at several times: these are one alert, unless another one suppresses them.
    const own = byId.get(id);
    let open = own?.mark.at === fulfilment.at ? own : (covering(all, fulfilment.at, suppressMs) ?? own);
    if (open === undefined) {
      const { at } = fulfilment;
      open = { mark: { id, at, base: 0, count: 0, first: Infinity, last: -Infinity }, tally: tallyOf(counting), isNew: fulfilment };
      all.splice(firstAfter(all, at), 0, open);
      byId.set(id, open);
    } else if (open.mark.id !== id) {
      muted += 1;
    }
    open.tally.take(fulfilment.spans);
  }
  const fired: Firing[] = [];
  const raised: Mark[] = [];
  const marks = all.map((open) => {
    const mark = settle(open);
    if (open.isNew !== undefined) fired.push({ mark, fulfilment: open.isNew });
    else if (mark !== open.mark) raised.push(mark);
    return mark;
  });
  return { marks, fired, raised, muted, members: counting.members };
}

/** The earliest alert at the same instant or less than `suppressMs` away from it, if any. Times are whole milliseconds. */
function covering(all: readonly Open[], at: number, suppressMs: number): Open | undefined {
  const reach = Math.max(1, suppressMs);
  const first = all[firstAfter(all, at - reach)];
  return first !== undefined && first.mark.at < at + reach ? first : undefined;
}

/** Index of the first alert after `at`. */
const firstAfter = (all: readonly Open[], at: number): number => firstWhere(all.length, (i) => all[i]!.mark.at > at);

/** The mark with its new numbers. Events flagged as counted are in the base of earlier alerts. */
function settle({ mark, tally, isNew }: Open): Mark {
  // A late event has undone the window, but the alert was sent: it keeps its numbers.
  if (tally.first === Infinity) return mark;
  const { fresh, counted } = tally.numbers();
  const base = isNew === undefined ? mark.base : counted;
  const count = base + fresh;
  const first = Math.min(mark.first, tally.first);
  const last = Math.max(mark.last, tally.last);
  const unchanged = count === mark.count && first === mark.first && last === mark.last;
  return unchanged ? mark : { ...mark, base, count, first, last };
}
