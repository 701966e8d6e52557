/** One window log in memory: what the gates of scripts/append.lua know of it, and its entries in the arena. */
import type { Entry } from '../../core/correlate/entry.ts';
import { weightUnits, type LogProfile } from '../../core/correlate/log-profile.ts';
import { limits } from '../../core/limits.ts';
import type { Commit } from '../../runtime/correlate/ports.ts';
import { none, type EntryArena } from './entry-arena.ts';

export type Log = {
  readonly profile: LogProfile;
  generation: number;
  /** Its newest entry, a number of the arena: the others are found from there. */
  last: number;
  count: number;
  /** Arrival of the newest append. */
  touchedMs: number;
  cut: number;
  capped: boolean;
  wake: number;
  tidy: number;
  muted: Commit['muted'];
  /** Needed steps that have not occurred, a bit each. */
  missing: number;
  /** Gained since the log was judged. */
  weight: number;
  /** A review of it is to come: until then it is not let go. */
  pending: boolean;
  /** No longer among the logs: whoever still knows it looks again. */
  gone: boolean;
  /** The number of the append buffer that last reached it, and its run there. */
  buffer: number;
  run: number;
};

const { tidyEntriesMin, tidyGrowthMax } = limits;

export function openLog(profile: LogProfile, arrivalMs: number): Log {
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

/** What the log needs after an append. @param earliest of what was appended, as is `latest` */
export function gateOf(log: Log, earliest: number, latest: number): 'judge' | 'recount' | 'quiet' {
  const { profile } = log;
  const { count } = log;
  const ready = profile.unit > 0 ? log.weight >= log.wake : log.missing === 0 && count >= log.wake && count >= profile.minEntries;
  const { muted } = log;
  if (ready && count < log.tidy && muted !== undefined && earliest >= muted.from && latest < muted.to) return 'recount';
  return ready || count >= log.tidy ? 'judge' : 'quiet';
}

/** In order of arrival. */
export function journalOf(arena: EntryArena, log: Log): Entry[] {
  const journal: Entry[] = [];
  for (let at = log.last; at !== none; at = arena.before(at)) journal.push(arena.read(at));
  return journal.reverse();
}

/** The log as a commit wants it, which was judged in this generation. @param current nothing was appended since */
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

/** The first `judged` entries give way to others; what was appended since stays behind them. */
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
  // Before the old ones go: an event that only they need would be let go in between.
  for (const { time, id, step, index, value, ref, counted } of journal) last = arena.add(last, time, id, step, index, value, ref, counted);
  if (kept > 0) arena.follow(firstKept, last);
  log.last = kept > 0 ? newest : last;
  log.count = journal.length + kept;
  arena.freeChain(old);
}
