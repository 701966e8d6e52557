/**
 * Window logs, alert records and reviews on Maps (the WindowStore port): for `replay` and rule tests, where one
 * process sees all events. The same gates as scripts/append.lua, so that the contract suite holds both to the same
 * answers.
 */
import type { Alert, AlertUpdate } from '../core/alert.ts';
import { doubled } from '../core/columns.ts';
import type { Entry } from '../core/entry.ts';
import type { EventRef } from '../core/event.ts';
import type { AlertRecord } from '../core/fire.ts';
import { limits } from '../core/limits.ts';
import { newMark } from '../core/observe.ts';
import { weightOf, weightUnits, type LogProfile } from '../core/profile.ts';
import { recountAfterMs } from '../core/recount.ts';
import type { Rule } from '../core/rule.ts';
import { recountDue, type Commit, type Gathering, type LogTarget, type Snapshot, type WindowStore } from '../runtime/ports.ts';
import { EntryArena, none, type Holder } from './entry-arena.ts';
import { ReviewQueue, type ReviewName } from './review-queue.ts';

type Log = {
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
  /** The gathering that last reached it, and its run there. */
  gathering: number;
  run: number;
};

/** What commits put out: the same two kinds that a Redis outbox holds. */
export type OutboxSink = { alert(alert: Alert): void; update(update: AlertUpdate): void };

const quiet: Snapshot[] = [];

/** Fewest entries at which a log is tidied. */
const tidyMin = 64;
/** Logs that one gathering looks at, to let go of those whose life is over. */
const sweptMax = 64;

/** @param holder told which events the entries need */
export function memoryWindowStore(profileOf: (rule: Rule) => LogProfile, outbox: OutboxSink, holder?: Holder): WindowStore {
  const arena = new EntryArena(holder);
  const logs = new Map<string, Log>();
  /** Logs by the number that their targets bear. */
  let met: Log[] = [];
  let mark = newMark();
  const records = new Map<string, AlertRecord>();
  const reviews = new ReviewQueue();
  const opened = new Map<string, number>();
  let openedMinute = -1;
  let gatherings = 0;

  const logKey = ({ rule, groupHash }: LogTarget): string => `${rule.shape}${groupHash}`;
  const recordKey = ({ rule, groupHash }: LogTarget): string => `${rule.id}\n${groupHash}`;
  const reviewOf = ({ rule, group, groupHash }: LogTarget): ReviewName => ({ shape: rule.shape, group, groupHash });

  function snapshot(target: LogTarget, log: Log | undefined): Snapshot {
    if (log === undefined) return { target, version: { generation: 0, length: 0 }, journal: [], cut: 0, capped: false };
    const { generation, count, cut, capped } = log;
    return { target, version: { generation, length: count }, journal: journalOf(log), cut, capped };
  }

  function journalOf(log: Log): Entry[] {
    const journal: Entry[] = [];
    for (let at = log.last; at !== none; at = arena.before(at)) journal.push(arena.read(at));
    return journal.reverse();
  }

  function letGo(key: string, log: Log): void {
    logs.delete(key);
    log.gone = true;
    arena.freeChain(log.last);
    log.last = none;
    log.count = 0;
  }

  let sweeping = logs.entries();
  /** Ends logs that got nothing for as long as Redis would keep them: some at a time, round after round. */
  function sweep(arrivalMs: number): void {
    for (let n = 0; n < sweptMax; n++) {
      const next = sweeping.next();
      if (next.done === true) {
        sweeping = logs.entries();
        return;
      }
      const [key, log] = next.value;
      if (!log.pending && log.touchedMs + log.profile.lifeMs < arrivalMs) letGo(key, log);
    }
  }

  /** Most targets are the same object as the last time: no text need be made to find their logs. */
  function logOf(target: LogTarget): Log | undefined {
    if (target.mark === mark) {
      const known = met[target.number]!;
      if (!known.gone) return known;
    }
    const log = logs.get(logKey(target));
    if (log !== undefined) remember(target, log);
    return log;
  }

  function remember(target: LogTarget, log: Log): void {
    if (met.length >= limits.targetsKeptMax) {
      met = [];
      mark = newMark();
    }
    target.mark = mark;
    target.number = met.push(log) - 1;
  }

  /** True when the rule has budget for one more log this minute. */
  function mayOpen(profile: LogProfile, rule: Rule, arrivalMs: number): boolean {
    const minute = Math.floor(arrivalMs / 60_000);
    if (minute !== openedMinute) {
      opened.clear();
      openedMinute = minute;
    }
    const count = (opened.get(rule.shape) ?? 0) + 1;
    opened.set(rule.shape, count);
    return count <= profile.newLogsMax * limits.partitions;
  }

  function gather(): Gathering {
    const mine = ++gatherings;
    // What it has for each log. In columns: an object for each would outlive its batch, and be the garbage collector's.
    const targets: LogTarget[] = [];
    const reached: Log[] = [];
    let earliest = new Float64Array(256);
    let latest = new Float64Array(256);
    let size = 0;
    let refused = 0;
    let time = 0;
    let id = '';
    let ref!: EventRef;
    return {
      get size() {
        return size;
      },
      of(at, hash, place) {
        time = at;
        id = hash;
        ref = place;
      },
      add(target, step, index, value) {
        size += 1;
        const log = logOf(target) ?? openedFor(target, ref.ms);
        if (log === undefined) {
          refused += 1;
          return;
        }
        const { profile } = log;
        log.last = arena.add(log.last, time, id, step, index, value, ref);
        log.count += 1;
        log.touchedMs = ref.ms;
        log.missing &= ~(1 << step);
        if (profile.unit > 0) log.weight += weightOf(value, profile.unit);
        if (log.gathering !== mine) {
          log.gathering = mine;
          log.run = targets.push(target) - 1;
          reached.push(log);
          if (log.run === earliest.length) {
            earliest = doubled(earliest);
            latest = doubled(latest);
          }
          earliest[log.run] = time;
          latest[log.run] = time;
        } else {
          const { run } = log;
          if (time < earliest[run]!) earliest[run] = time;
          if (time > latest[run]!) latest[run] = time;
        }
      },
      async append() {
        const snapshots = reached.flatMap((log, run) => lookedAt(targets[run]!, log, earliest[run]!, latest[run]!));
        if (ref !== undefined) sweep(ref.ms);
        return { snapshots, refused };
      },
    };
  }

  /** A new log, when the rule has budget for one more. */
  function openedFor(target: LogTarget, arrivalMs: number): Log | undefined {
    const profile = profileOf(target.rule);
    if (!mayOpen(profile, target.rule, arrivalMs)) return undefined;
    const log = openLog(profile, arrivalMs);
    logs.set(logKey(target), log);
    remember(target, log);
    return log;
  }

  /** The log, where it must be judged now. @param earliest of what was added, as is `latest` */
  function lookedAt(target: LogTarget, log: Log, earliest: number, latest: number): Snapshot[] {
    const gate = gateOf(log, earliest, latest);
    if (gate === 'recount') {
      reviews.pull(reviewOf(target), arena.arrivalMs(log.last) + recountAfterMs(log.count));
      log.pending = true;
    }
    return gate === 'judge' ? [snapshot(target, log)] : quiet;
  }

  async function commit(commits: readonly Commit[]): Promise<('done' | 'stale')[]> {
    return commits.map((one) => {
      const { target, judged } = one;
      const record = records.get(recordKey(target));
      const version = record?.version ?? 0;
      const log = logs.get(logKey(target));
      const same = log !== undefined && log.generation === judged.generation;
      if (one.recordVersion !== undefined && (version !== one.recordVersion || !same)) return 'stale';
      if (one.marks !== undefined) records.set(recordKey(target), { version: version + 1, marks: one.marks });
      const current = same && log.count === judged.length;
      if (same) apply(log, one, current);
      if (log?.count === 0) letGo(logKey(target), log);
      const review = reviewOf(target);
      const recountAt = recountDue(one);
      if (!current && one.marks !== undefined && recountAt !== undefined) reviews.pull(review, recountAt);
      if (one.reviewAt === undefined) {
        if (current || log === undefined) reviews.remove(review);
      } else if (current) reviews.set(review, one.reviewAt);
      else reviews.pull(review, one.reviewAt);
      if (log !== undefined) log.pending = !(current && one.reviewAt === undefined);
      for (const alert of one.alerts) outbox.alert(alert);
      for (const update of one.updates) outbox.update(update);
      return 'done';
    });
  }

  /** The first `judged` entries give way to others; what was appended since stays behind them. */
  function replace(log: Log, judged: number, journal: readonly Entry[]): void {
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
    for (const { time, id, step, index, value, ref, counted } of journal)
      last = arena.add(last, time, id, step, index, value, ref, counted);
    if (kept > 0) arena.follow(firstKept, last);
    log.last = kept > 0 ? newest : last;
    log.count = journal.length + kept;
    arena.freeChain(old);
  }

  function apply(log: Log, one: Commit, current: boolean): void {
    const { profile } = log;
    const { journal, judged } = one;
    if (journal !== undefined) {
      replace(log, judged.length, journal);
      log.generation += 1;
      log.cut = one.cut;
      log.capped = one.cutByCap;
    }
    if (current) {
      log.missing = profile.needSteps;
      for (let at = log.last; at !== none; at = arena.before(at)) log.missing &= ~(1 << arena.stepOf(at));
      log.weight = 0;
    }
    const total = log.count;
    log.wake = profile.unit > 0 ? one.slack : (journal?.length ?? judged.length) + one.slack;
    log.tidy = Math.max(tidyMin, Math.min(2 * total, total + 1024));
    log.muted = one.muted;
  }

  return {
    gather,
    commit,
    read: async (targets) => targets.map((target) => snapshot(target, logs.get(logKey(target)))),
    records: async (targets) => targets.map((target) => records.get(recordKey(target)) ?? { version: 0, marks: [] }),
    due: async (clockMs, max) => reviews.due(clockMs, max),
    dismiss: async (gone) => gone.forEach((review) => reviews.remove(review)),
  };
}

function openLog(profile: LogProfile, arrivalMs: number): Log {
  return {
    profile,
    generation: arrivalMs,
    last: none,
    count: 0,
    touchedMs: arrivalMs,
    cut: 0,
    capped: false,
    wake: profile.unit > 0 ? weightUnits : profile.minEntries,
    tidy: profile.unit > 0 ? tidyMin : Math.max(tidyMin, 2 * profile.minEntries),
    muted: undefined,
    missing: profile.needSteps,
    weight: 0,
    pending: false,
    gone: false,
    gathering: 0,
    run: 0,
  };
}

/** What the log needs after an append. */
function gateOf(log: Log, earliest: number, latest: number): 'judge' | 'recount' | 'quiet' {
  const { profile } = log;
  const { count } = log;
  const ready = profile.unit > 0 ? log.weight >= log.wake : log.missing === 0 && count >= log.wake && count >= profile.minEntries;
  const { muted } = log;
  if (ready && count < log.tidy && muted !== undefined && earliest >= muted.from && latest < muted.to) return 'recount';
  return ready || count >= log.tidy ? 'judge' : 'quiet';
}
