/**
 * Window logs, alert records and reviews on Maps (the WindowStore port): for `replay` and rule tests, where one
 * process sees all events. The same gates as scripts/append.lua, so that the contract suite holds both to the same
 * answers.
 */
import type { Alert, AlertUpdate } from '../core/alert.ts';
import type { Entry } from '../core/entry.ts';
import type { EventRef } from '../core/event.ts';
import type { AlertRecord } from '../core/fire.ts';
import { limits } from '../core/limits.ts';
import { weightOf, weightUnits, type LogProfile } from '../core/profile.ts';
import type { Rule } from '../core/rule.ts';
import { recountDue, type Commit, type Gathering, type LogTarget, type Snapshot, type WindowStore } from '../runtime/ports.ts';
import { ReviewQueue, type ReviewName } from './review-queue.ts';

type Log = {
  readonly profile: LogProfile;
  generation: number;
  journal: Entry[];
  cut: number;
  capped: boolean;
  wake: number;
  tidy: number;
  muted: Commit['muted'];
  /** Needed steps that have not occurred, a bit each. */
  missing: number;
  /** Gained since the log was judged. */
  weight: number;
  /** No longer among the logs: whoever still knows it looks again. */
  gone: boolean;
  /** Of the gathering that last reached it. */
  run: Run | undefined;
};

/** What one gathering has for one log. */
type Run = {
  readonly call: number;
  readonly target: LogTarget;
  readonly log: Log;
  earliest: number;
  latest: number;
};

/** What commits put out: the same two kinds that a Redis outbox holds. */
export type OutboxSink = { alert(alert: Alert): void; update(update: AlertUpdate): void };

/** Fewest entries at which a log is tidied. */
const tidyMin = 64;
/** Targets remembered with their logs. */
const metMax = 65_536;

export function memoryWindowStore(profileOf: (rule: Rule) => LogProfile, outbox: OutboxSink): WindowStore {
  const logs = new Map<string, Log>();
  const met = new Map<LogTarget, Log>();
  const records = new Map<string, AlertRecord>();
  const reviews = new ReviewQueue();
  const opened = new Map<string, number>();
  let openedMinute = -1;
  let call = 0;

  const logKey = ({ rule, groupHash }: LogTarget): string => `${rule.shape}${groupHash}`;
  const recordKey = ({ rule, groupHash }: LogTarget): string => `${rule.id}\n${groupHash}`;
  const reviewOf = ({ rule, group, groupHash }: LogTarget): ReviewName => ({ shape: rule.shape, group, groupHash });

  function snapshot(target: LogTarget, log: Log | undefined): Snapshot {
    if (log === undefined) return { target, version: { generation: 0, length: 0 }, journal: [], cut: 0, capped: false };
    const { generation, journal, cut, capped } = log;
    return { target, version: { generation, length: journal.length }, journal: journal.slice(), cut, capped };
  }

  /** Most targets are the same object as the last time: no text need be made to find their logs. */
  function logOf(target: LogTarget): Log | undefined {
    const known = met.get(target);
    if (known !== undefined && !known.gone) return known;
    const log = logs.get(logKey(target));
    if (log !== undefined) remember(target, log);
    return log;
  }

  function remember(target: LogTarget, log: Log): void {
    if (met.size >= metMax) met.clear();
    met.set(target, log);
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
    const mine = ++call;
    const runs: Run[] = [];
    let size = 0;
    let refused = 0;
    let time = 0;
    let id = '';
    let ref: EventRef;
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
        const { profile, run } = log;
        log.journal.push({ time, id, step, index, value, ref, counted: false });
        log.missing &= ~(1 << step);
        if (profile.unit > 0) log.weight += weightOf(value, profile.unit);
        if (run?.call !== mine) runs.push((log.run = { call: mine, target, log, earliest: time, latest: time }));
        else {
          run.earliest = Math.min(run.earliest, time);
          run.latest = Math.max(run.latest, time);
        }
      },
      append: async () => ({ snapshots: runs.flatMap(lookedAt), refused }),
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

  /** The log of the run, where it must be judged now. */
  function lookedAt(run: Run): Snapshot[] {
    const { target, log } = run;
    const gate = gateOf(run);
    if (gate === 'recount') reviews.pull(reviewOf(target), log.journal.at(-1)!.ref.ms + limits.recountMs);
    return gate === 'judge' ? [snapshot(target, log)] : [];
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
      const current = same && log.journal.length === judged.length;
      if (same) apply(log, one, current);
      if (log?.journal.length === 0) {
        logs.delete(logKey(target));
        log.gone = true;
      }
      const review = reviewOf(target);
      const recountAt = recountDue(one);
      if (!current && one.marks !== undefined && recountAt !== undefined) reviews.pull(review, recountAt);
      if (one.reviewAt === undefined) {
        if (current || log === undefined) reviews.remove(review);
      } else if (current) reviews.set(review, one.reviewAt);
      else reviews.pull(review, one.reviewAt);
      for (const alert of one.alerts) outbox.alert(alert);
      for (const update of one.updates) outbox.update(update);
      return 'done';
    });
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
    journal: [],
    cut: 0,
    capped: false,
    wake: profile.unit > 0 ? weightUnits : profile.minEntries,
    tidy: profile.unit > 0 ? tidyMin : Math.max(tidyMin, 2 * profile.minEntries),
    muted: undefined,
    missing: profile.needSteps,
    weight: 0,
    gone: false,
    run: undefined,
  };
}

/** What the log needs after an append. */
function gateOf({ log, earliest, latest }: Run): 'judge' | 'recount' | 'quiet' {
  const { profile } = log;
  const count = log.journal.length;
  const ready = profile.unit > 0 ? log.weight >= log.wake : log.missing === 0 && count >= log.wake && count >= profile.minEntries;
  const { muted } = log;
  if (ready && count < log.tidy && muted !== undefined && earliest >= muted.from && latest < muted.to) return 'recount';
  return ready || count >= log.tidy ? 'judge' : 'quiet';
}

function apply(log: Log, commit: Commit, current: boolean): void {
  const { profile } = log;
  const { journal, judged } = commit;
  if (journal !== undefined) {
    log.journal = [...journal, ...log.journal.slice(judged.length)];
    log.generation += 1;
    log.cut = commit.cut;
    log.capped = commit.cutByCap;
  }
  if (current) {
    log.missing = log.journal.reduce((missing, entry) => missing & ~(1 << entry.step), profile.needSteps);
    log.weight = 0;
  }
  const total = log.journal.length;
  log.wake = profile.unit > 0 ? commit.slack : (journal?.length ?? judged.length) + commit.slack;
  log.tidy = Math.max(tidyMin, Math.min(2 * total, total + 1024));
  log.muted = commit.muted;
}
