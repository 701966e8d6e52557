/**
 * Evaluates a window log, decides what fires, and tidies the log. Pure: from (rule, log, record, moment) to a plan that
 * the caller applies in one commit. Redis, memory, replay and rule tests all use this.
 *
 *     log ──arrange──▶ entries ──evaluate──▶ verdict ──planFire──▶ alerts, marks
 *      └───────────────────────tidy──────────────────────────────▶ new log
 */
import { settledTime, tooLate, arrange, type Entry } from '../correlate/entry.ts';
import { evaluate } from '../correlate/evaluate.ts';
import { planFire, type AlertRecord, type FirePlan, type Mark } from './fire.ts';
import { limits } from '../limits.ts';
import type { LogTarget } from '../correlate/target.ts';
import type { LogProfile } from '../correlate/log-profile.ts';
import { correlated } from '../rule.ts';
import { countingOf } from './tally.ts';
import { tidy, type Tidied } from '../correlate/tidy.ts';
import type { Fulfilment, Moment, Verdict } from '../correlate/verdict.ts';

/** A window log as read from the store. */
export type JudgedLog = {
  readonly target: LogTarget;
  /** In order of arrival, including repeats. */
  readonly journal: readonly Entry[];
  /** The log has lost entries before this event time; 0 if none. */
  readonly cut: number;
  /** Whether the cap, not age, dropped them. */
  readonly capped: boolean;
};

/** The first half of the evaluation, which needs the log only. */
export type Assessment = {
  /** In order, without repeats and late entries. */
  readonly entries: readonly Entry[];
  /** Number of entries that arrived too late. */
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
 * If old entries were dropped, the windows at that edge are incomplete. For a monotone rule this can only hide what was
 * alerted before; any other rule would see "few" or a wrong average, so those windows are skipped. If the cap dropped
 * entries, current windows are incomplete: they are evaluated, and flagged.
 */
function wholeWindows(fulfilments: readonly Fulfilment[], log: JudgedLog, profile: LogProfile): readonly Fulfilment[] {
  if (profile.monotone || log.cut === 0 || log.capped) return fulfilments;
  return fulfilments.filter(({ at }) => at - profile.horizonMs >= log.cut);
}

export type Judgement = {
  readonly plan: FirePlan;
  /** The new marks of the record; undefined if unchanged. */
  readonly marks: readonly Mark[] | undefined;
  readonly tidied: Tidied | undefined;
  /** Entries between these event times can only repeat the newest alert: they need a recount, but no evaluation. */
  readonly muted: { readonly from: number; readonly to: number } | undefined;
};

/** The second half: with the record, decides what to change. The clock decides which entries may be dropped. */
export function judge(log: JudgedLog, assessment: Assessment, record: AlertRecord, profile: LogProfile, { clock }: Moment): Judgement {
  const { rule, groupHash } = log.target;
  const { entries, verdict } = assessment;
  const counting = countingOf(assessment.fulfilments, correlated(rule).correlation.kind.isContiguous);
  const plan = planFire(rule.id, groupHash, assessment.fulfilments, record, profile.suppressMs, counting);
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
  // If the cap dropped entries, events that arrive later may still be before the oldest entry.
  const since = log.capped || (tidied?.capped ?? 0) > 0 ? Math.min(oldest, keepFrom) : oldest;
  const marks = prune(settledMarks, since, profile.suppressMs);
  const changed = plan.fired.length > 0 || plan.raised.length > 0 || (record.marks.length > 0 && tidied !== undefined);
  return { plan, marks: changed ? marks : undefined, tidied, muted: mutedSpan(entries, marks, profile) };
}

/** Keeps the marks that can still suppress a window ending at `since` or later, up to the bound; always keeps the newest. */
function prune(marks: readonly Mark[], since: number, suppressMs: number): readonly Mark[] {
  const first = marks.findIndex((mark) => mark.at + suppressMs >= since);
  const from = Math.max(first === -1 ? marks.length - 1 : first, marks.length - limits.stepEntriesMax);
  return from <= 0 ? marks : marks.slice(from);
}

/**
 * From the newest entry to the end of the newest alert's suppression. An entry in between changes only windows that end in
 * between, and those are suppressed.
 */
function mutedSpan(entries: readonly Entry[], marks: readonly Mark[], profile: LogProfile): Judgement['muted'] {
  const newest = marks.at(-1);
  const last = entries.at(-1);
  if (!profile.monotone || newest === undefined || last === undefined) return undefined;
  const to = newest.at + profile.suppressMs;
  return last.time >= newest.at && last.time < to ? { from: last.time, to } : undefined;
}

/**
 * How long after a repeat a log with that many entries is evaluated again, to update the numbers of its alert, ms.
 *
 * Evaluating a log takes about 0.7 µs per entry, so logs wait in proportion to their size: otherwise thousands of
 * suppressed groups, each with an event now and then, would cost an evaluation of a whole log for each event.
 */
export const recountAfterMs = (entries: number): number =>
  Math.min(limits.recountMsMax, Math.max(limits.recountMs, entries * limits.recountEntryMs));
