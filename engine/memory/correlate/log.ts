/** One window log in memory: the same header that redis/scripts/append.lua uses, and its entries in the arena. */
import type { Entry } from '../../core/correlate/entry.ts';
import { weightUnits, type LogProfile } from '../../core/correlate/log-profile.ts';
import { limits } from '../../core/limits.ts';
import type { Commit } from '../../runtime/correlate/ports.ts';
import { none, type EntryArena } from './entry-arena.ts';

export type Log = {
  readonly profile: LogProfile;
  generation: number;
  /** Number of its newest entry in the arena; the others are chained to it. */
  last: number;
  count: number;
  /** Arrival of the newest append. */
  touchedMs: number;
  cut: number;
  capped: boolean;
  wake: number;
  tidy: number;
  muted: Commit['muted'];
  /** Bit mask of the required steps that have not occurred. */
  missing: number;
  /** Weight gained since the log was evaluated. */
  weight: number;
  /** A review is scheduled: until then the log is not dropped. */
  pending: boolean;
  /** The log has been dropped: a caller that still holds it must look it up again. */
  gone: boolean;
  /** The append buffer that last reached the log, by number, and the log's index there. */
  buffer: number;
  run: number;
};

const { tidyEntriesMin, tidyGrowthMax } = limits;

export function openWindowLog(profile: LogProfile, arrivalMs: number): Log {
  return {
    profile,
    generation: arrivalMs,
    last: none,
    count: 0,
    touchedMs: arrivalMs,
    cut: 0,
    capped: false,
    wake: profile.unit > 0 ? weightUnits : profile.minEntries,
    tidy: profile.unit > 0 ? tidyEntriesMin : Math.max(tidyEntriesMin, 2 * profile.minEntries),
    muted: undefined,
    missing: profile.needSteps,
    weight: 0,
    pending: false,
    gone: false,
    buffer: 0,
    run: 0,
  };
}

/** What the log needs after an append. @param earliest, latest event times of the appended entries */
export function gateOf(log: Log, earliest: number, latest: number): 'judge' | 'recount' | 'quiet' {
  const { profile } = log;
  const { count } = log;
  const ready = profile.unit > 0 ? log.weight >= log.wake : log.missing === 0 && count >= log.wake && count >= profile.minEntries;
  const { muted } = log;
  if (ready && count < log.tidy && muted !== undefined && earliest >= muted.from && latest < muted.to) return 'recount';
  return ready || count >= log.tidy ? 'judge' : 'quiet';
}

/** The entries of the log, in order of arrival. */
export function journalOf(arena: EntryArena, log: Log): Entry[] {
  const journal: Entry[] = [];
  for (let at = log.last; at !== none; at = arena.before(at)) journal.push(arena.read(at));
  return journal.reverse();
}

/** Applies a commit whose evaluation was of this generation of the log. @param current true when nothing was appended since */
export function settleLog(arena: EntryArena, log: Log, one: Commit, current: boolean): void {
  const { profile } = log;
  const { journal, judged } = one;
  if (journal !== undefined) {
    replace(arena, log, judged.length, journal);
    log.generation += 1;
    log.cut = one.cut;
    log.capped = one.cutByCap;
  }
  if (current) {
    log.missing = profile.needSteps;
    for (let at = log.last; log.missing !== 0 && at !== none; at = arena.before(at)) log.missing &= ~(1 << arena.stepOf(at));
    log.weight = 0;
  }
  const total = log.count;
  log.wake = profile.unit > 0 ? one.slack : (journal?.length ?? judged.length) + one.slack;
  log.tidy = Math.max(tidyEntriesMin, Math.min(2 * total, total + tidyGrowthMax));
  log.muted = one.muted;
}

/** Replaces the first `judged` entries by the journal. Entries appended since stay after them. */
function replace(arena: EntryArena, log: Log, judged: number, journal: readonly Entry[]): void {
  const newest = log.last;
  const kept = log.count - judged;
  let firstKept = none;
  let old = newest;
  for (let n = 0; n < kept; n++) {
    firstKept = old;
    old = arena.before(old);
  }
  let last = none;
  // The new entries are added before the old ones are freed: otherwise an event that both need would be released in between.
  for (const { time, id, step, index, value, ref, counted } of journal) last = arena.add(last, time, id, step, index, value, ref, counted);
  if (kept > 0) arena.follow(firstKept, last);
  log.last = kept > 0 ? newest : last;
  log.count = journal.length + kept;
  arena.freeChain(old);
}
