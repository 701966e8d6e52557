/**
 * One look at one window log: evaluate it, decide what fires, tidy it. Pure: from (rule, log, record, moment) to a
 * plan that the caller carries out in one commit. Redis, memory, replay and rule tests all judge through here.
 *
 *     log ──arrange──▶ entries ──evaluate──▶ verdict ──planFire──▶ alerts, marks
 *      └───────────────────────tidy──────────────────────────────▶ log from now on
 */
import { settledTime, tooLate, arrange, type Entry } from '../correlate/entry.ts';
import { evaluate } from '../correlate/evaluate.ts';
import { planFire, type AlertRecord, type FirePlan, type Mark } from './fire.ts';
import { limits } from '../limits.ts';
import type { LogTarget } from '../correlate/target.ts';
import type { LogProfile } from '../correlate/log-profile.ts';
import { countingOf } from './tally.ts';
import { tidy, type Tidied } from '../correlate/tidy.ts';
import type { Fulfilment, Moment, Verdict } from '../correlate/verdict.ts';

/** A log as it was read. */
export type JudgedLog = {
  readonly target: LogTarget;
  /** In order of arrival, repeats included. */
  readonly journal: readonly Entry[];
  /** The log lacks entries before this event time; 0: none. */
  readonly cut: number;
  /** True when the cap made that cut. */
  readonly capped: boolean;
};

/** The first half: needs the log only. */
export type Assessment = {
  /** In order, without repeats and without what came too late. */
  readonly entries: readonly Entry[];
  /** Entries that came too late. */
  readonly late: number;
  readonly verdict: Verdict;
  readonly fulfilments: readonly Fulfilment[];
};

export function assess(log: JudgedLog, profile: LogProfile, moment: Moment): Assessment {
  const late = tooLate(log.journal, profile.keepMs);
  const entries = arrange(late.size === 0 ? log.journal : log.journal.filter((entry) => !late.has(entry)));
  const verdict = evaluate(log.target.rule, entries, moment);
  return { entries, late: late.size, verdict, fulfilments: wholeWindows(verdict.fulfilments, log, profile) };
}

/**
 * Where age has cut the log, the windows at the edge lack entries. For a monotone rule that can only hide what was
 * alerted before; any other would see "few" or a wrong average, so those windows are left alone. Where the cap has
 * cut, the windows of now lack entries: they are judged, and flagged.
 */
function wholeWindows(fulfilments: readonly Fulfilment[], log: JudgedLog, profile: LogProfile): readonly Fulfilment[] {
  if (profile.monotone || log.cut === 0 || log.capped) return fulfilments;
  return fulfilments.filter(({ at }) => at - profile.horizonMs >= log.cut);
}

export type Judgement = {
  readonly plan: FirePlan;
  /** The record's marks from now on; undefined: unchanged. */
  readonly marks: readonly Mark[] | undefined;
  readonly tidied: Tidied | undefined;
  /** Entries between these event times can only be repeats of the newest alert: they need a recount, no verdict. */
  readonly muted: { readonly from: number; readonly to: number } | undefined;
};

/** The second half: with the record, what to change. The clock tells what may be forgotten. */
export function judge(log: JudgedLog, assessment: Assessment, record: AlertRecord, profile: LogProfile, { clock }: Moment): Judgement {
  const { rule, groupHash } = log.target;
  const { entries, verdict } = assessment;
  const aggregate = rule.correlation !== undefined && 'condition' in rule.correlation;
  const plan = planFire(
    rule.id,
    groupHash,
    assessment.fulfilments,
    record,
    profile.suppressMs,
    countingOf(assessment.fulfilments, aggregate),
  );
  const keepFrom = Math.min(settledTime(entries, clock) - profile.keepMs, verdict.holdFrom ?? Infinity);
  const tidied = tidy({
    rule,
    journal: log.journal,
    entries,
    keepFrom,
    late: assessment.late,
    isMember: (entry) => plan.members.has(entry),
  });
  const oldest = (tidied?.journal ?? entries)[0]?.time ?? Infinity;
  const settledMarks = tidied === undefined ? plan.marks : plan.marks.map((mark) => ({ ...mark, base: mark.count }));
  // Where the cap has cut, later events may still come to lie before the oldest entry.
  const since = log.capped || (tidied?.capped ?? 0) > 0 ? Math.min(oldest, keepFrom) : oldest;
  const marks = prune(settledMarks, since, profile.suppressMs);
  const changed = plan.fired.length > 0 || plan.raised.length > 0 || (record.marks.length > 0 && tidied !== undefined);
  return { plan, marks: changed ? marks : undefined, tidied, muted: mutedSpan(entries, marks, profile) };
}

/** Marks that can still mute a window that ends at `since` or later, as many as the bound allows; the newest always stays. */
function prune(marks: readonly Mark[], since: number, suppressMs: number): readonly Mark[] {
  const first = marks.findIndex((mark) => mark.at + suppressMs >= since);
  const from = Math.max(first === -1 ? marks.length - 1 : first, marks.length - limits.stepEntriesMax);
  return from <= 0 ? marks : marks.slice(from);
}

/**
 * From the newest entry to the end of the newest alert's mute. An entry that comes between changes only windows that
 * end between, and those are muted.
 */
function mutedSpan(entries: readonly Entry[], marks: readonly Mark[], profile: LogProfile): Judgement['muted'] {
  const newest = marks.at(-1);
  const last = entries.at(-1);
  if (!profile.monotone || newest === undefined || last === undefined) return undefined;
  const to = newest.at + profile.suppressMs;
  return last.time >= newest.at && last.time < to ? { from: last.time, to } : undefined;
}

/**
 * When the numbers of a muted alert are brought up to date. A look at a log takes about 0.7 µs for each entry, so logs
 * wait in proportion to what they hold: thousands of muted keys, each with an event now and then, would else cost a
 * look at a whole log for each event.
 */

/** How long after a repeat a log of that many entries is judged anew, ms. */
export const recountAfterMs = (entries: number): number =>
  Math.min(limits.recountMsMax, Math.max(limits.recountMs, entries * limits.recountEntryMs));
